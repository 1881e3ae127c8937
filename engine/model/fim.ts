import { join } from 'node:path';
import type { ContextSnippet } from '../completion';
import type { ModelConfig } from './config';
import { corrupt, readText } from './files';
import { type FamilySpec, type FimFamily, type FimOrder, fimFamilies } from './fimFamilies';
import type { Tokenizer } from './tokenizer';

export type { FimFamily, FimOrder } from './fimFamilies';

/** How to ask this model to fill in the middle, in token ids. */
export interface FimFormat {
  readonly family: FimFamily;
  /** `psm`: prefix, suffix, middle. `spm`: suffix, prefix, middle, so that typing only appends. */
  readonly order: FimOrder;
  readonly prefix: number;
  readonly suffix: number;
  readonly middle: number | undefined;
  readonly bos: number | undefined;
  readonly fileSeparator: number | undefined;
  readonly pathMark: string;
  readonly pathInPrefix: boolean;
  readonly leadingSpace: boolean;
  /** Generation ends at any of these. */
  readonly endTokens: readonly number[];
}

/**
 * Finds the model's fill-in-the-middle format by its control tokens; undefined where it has none.
 *
 * The order is that of the model card if it says so (`fim_order: spm` in the YAML front matter of README.md), else
 * the family's usual one: both orders use the same tokens, so nothing else in the folder tells.
 * @throws SlipstreamError model-corrupt where the model card names an unknown order.
 */
export async function detectFim(
  tokenizer: Tokenizer,
  config: Pick<ModelConfig, 'eosTokenIds'>,
  dir: string,
): Promise<FimFormat | undefined> {
  for (const spec of fimFamilies) {
    const format = resolve(spec, tokenizer, endTokens(tokenizer, config));
    if (format === undefined) continue;
    const stated = await readStatedOrder(dir);
    return stated === undefined || format.middle === undefined ? format : { ...format, order: stated };
  }
  return undefined;
}

/**
 * Where generation ends: the configuration's end-of-text ids and every control token, since none of them can be part
 * of the text. The models end a middle with different ones (end of text, a pad, the next file, the next repository).
 */
export function endTokens(tokenizer: Tokenizer, config: Pick<ModelConfig, 'eosTokenIds'>): number[] {
  return [...new Set([...config.eosTokenIds, ...tokenizer.special])].sort((a, b) => a - b);
}

function resolve(spec: FamilySpec, tokenizer: Tokenizer, ends: readonly number[]): FimFormat | undefined {
  const idOf = (token: string | undefined) => (token === undefined ? undefined : tokenizer.idOf(token));
  const prefix = idOf(spec.prefix);
  const suffix = idOf(spec.suffix);
  const middle = idOf(spec.middle);
  const fileSeparator = idOf(spec.fileSeparator);
  if (prefix === undefined || suffix === undefined) return undefined;
  if (spec.middle !== undefined && middle === undefined) return undefined;
  if (spec.fileSeparator !== undefined && fileSeparator === undefined) return undefined;
  const { family, order, pathMark, pathInPrefix, leadingSpace } = spec;
  return {
    family,
    order,
    prefix,
    suffix,
    middle,
    bos: idOf(spec.bos),
    fileSeparator,
    pathMark,
    pathInPrefix,
    leadingSpace,
    endTokens: ends,
  };
}

async function readStatedOrder(dir: string): Promise<FimOrder | undefined> {
  const path = join(dir, 'README.md');
  const card = await readText(path, 'optional');
  const frontMatter = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---\s*(\r?\n|$)/.exec(card ?? '')?.[1] ?? '';
  const stated = /^fim_order:[ \t]*["']?([^\s"'#]*)/m.exec(frontMatter)?.[1];
  if (stated === undefined) return undefined;
  const order = stated.toLowerCase();
  if (order === 'psm' || order === 'spm') return order;
  throw corrupt(path, `has fim_order "${stated}" where psm or spm is needed`);
}

/** Token ids of the files that go with a prompt, by where they go. */
export interface FimContext {
  /** Before the fill-in-the-middle tokens. */
  readonly before: readonly number[];
  /** At the start of the prefix. */
  readonly inPrefix: readonly number[];
}

export const noContext: FimContext = { before: [], inPrefix: [] };

/** One snippet with its path line and, where the format has one, its separator. The text ends with a line break. */
export function snippetIds(
  format: FimFormat,
  tokenizer: Tokenizer,
  { path, text }: ContextSnippet,
): number[] {
  const ids = tokenizer.encode(`${format.pathMark}${path}\n${text}${text.endsWith('\n') ? '' : '\n'}`);
  return format.fileSeparator === undefined ? ids : [format.fileSeparator, ...ids];
}

/**
 * Puts encoded snippets, and then the name of the file to fill in, where the format has them. Families without a
 * separator token never saw text before the prefix token, so there the files are part of the prefix.
 */
export function placeContext(
  format: FimFormat,
  tokenizer: Tokenizer,
  snippets: readonly (readonly number[])[],
  path: string | undefined,
): FimContext {
  if (snippets.length === 0) return noContext;
  const files = snippets.flat();
  const name = path === undefined ? [] : tokenizer.encode(`${format.pathMark}${path}\n`);
  if (format.fileSeparator === undefined) return { before: [], inPrefix: [...files, ...name] };
  const before = [...files, format.fileSeparator];
  return format.pathInPrefix ? { before, inPrefix: name } : { before: [...before, ...name], inPrefix: [] };
}

export interface FimPrompt {
  readonly ids: number[];
  /** Index in `ids` of the first token of the prefix text, and of the suffix text. */
  readonly prefixStart: number;
  readonly suffixStart: number;
}

/** Orders encoded parts as the format wants; the model continues after the last id. */
export function assembleFim(
  format: FimFormat,
  prefix: readonly number[],
  suffix: readonly number[],
  context: FimContext = noContext,
): FimPrompt {
  const { before, inPrefix } = context;
  const start = format.bos === undefined ? [...before] : [format.bos, ...before];
  if (format.order === 'psm' && format.middle !== undefined) {
    const head = [...start, format.prefix, ...inPrefix];
    return {
      ids: [...head, ...prefix, format.suffix, ...suffix, format.middle],
      prefixStart: head.length,
      suffixStart: head.length + prefix.length + 1,
    };
  }
  // Without a middle token (Codestral) the prefix token takes its place.
  const head =
    format.middle === undefined ? [...start, format.suffix] : [...start, format.prefix, format.suffix];
  const beforePrefix = [...head, ...suffix, format.middle ?? format.prefix, ...inPrefix];
  return {
    ids: [...beforePrefix, ...prefix],
    prefixStart: beforePrefix.length,
    suffixStart: head.length,
  };
}

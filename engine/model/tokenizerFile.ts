import { join } from 'node:path';
import { SlipstreamError } from '../errors';
import { corrupt, isObject, type JsonObject, readJson } from './files';

/** How a token's characters stand for bytes. */
export type ByteCoding = 'byte-level' | 'sentencepiece';

export interface TokenizerFile {
  /** tokenizer.json as the library gets it: without control tokens and without a made-up leading space. */
  readonly prepared: JsonObject;
  /** Token by id; undefined where an id has none. */
  readonly tokens: readonly (string | undefined)[];
  /** Added tokens stand for their own text, whatever the byte coding. */
  readonly added: ReadonlySet<number>;
  /** Ids that mean something to the model and are no text: end of text, fill-in-the-middle, chat, ... */
  readonly control: ReadonlySet<number>;
  readonly byteCoding: ByteCoding;
  /** Whether a kept added token swallows the spaces around it. */
  readonly stripsAroundTokens: boolean;
}

/**
 * Some models leave the "special" flag off their control tokens (Qwen2.5-Coder does for all of fill-in-the-middle),
 * so the spelling decides as well. Added tokens of any other spelling are plain text (Gemma's "<h1>", DeepSeek's "õ").
 */
const controlSpelling = /^(<[|｜].+[|｜]>|<\/?[a-z]+_[a-z_]+>|<\/?think>|▁?<(PRE|SUF|MID|EOT)>|\[[A-Z_]+\])$/;

interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
  readonly strips: boolean;
  readonly raw: JsonObject;
}

export async function readTokenizerFile(dir: string): Promise<TokenizerFile> {
  const path = join(dir, 'tokenizer.json');
  const json = await readJson(path);
  const { model } = json;
  if (!isObject(model) || !isObject(model.vocab) || !Array.isArray(model.merges)) {
    throw unsupported(dir, 'its tokenizer.json holds no byte-pair encoding', 'byte-pair encodings');
  }
  const added = readAddedTokens(path, json.added_tokens);
  const control = new Set(
    added.filter(({ special, content }) => special || controlSpelling.test(content)).map(({ id }) => id),
  );
  const kept = added.filter(({ id }) => !control.has(id));
  return {
    prepared: {
      ...json,
      added_tokens: kept.map(({ raw }) => raw),
      model: { ...model, vocab: withoutControl(model.vocab, added, control, model.unk_token) },
      normalizer: withoutLeadingSpace(json.normalizer),
      pre_tokenizer: withoutLeadingSpace(json.pre_tokenizer),
      post_processor: null,
      decoder: json.decoder ?? null,
    },
    tokens: tokensById(path, model.vocab, added),
    added: new Set(added.map(({ id }) => id)),
    control,
    byteCoding: byteCodingOf(dir, json),
    stripsAroundTokens: kept.some(({ strips }) => strips),
  };
}

function readAddedTokens(path: string, value: unknown): AddedToken[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw corrupt(path, 'has added_tokens that are not a list');
  return value.map((raw: unknown) => {
    if (!isObject(raw) || typeof raw.content !== 'string' || !isTokenId(raw.id)) {
      throw corrupt(path, 'has an added token without content and id');
    }
    const { id, content } = raw;
    const strips = raw.lstrip === true || raw.rstrip === true || raw.single_word === true;
    return { id, content, special: raw.special === true, strips, raw };
  });
}

/** SentencePiece exports list control tokens in the vocabulary too, where text could still reach them. */
function withoutControl(
  vocab: JsonObject,
  added: readonly AddedToken[],
  control: ReadonlySet<number>,
  unknownToken: unknown,
): JsonObject {
  const contents = added
    .filter(({ id, content }) => control.has(id) && content !== unknownToken)
    .map(({ content }) => content);
  if (!contents.some((content) => Object.hasOwn(vocab, content))) return vocab;
  const rest: Record<string, unknown> = { ...vocab };
  for (const content of contents) delete rest[content];
  return rest;
}

function tokensById(path: string, vocab: JsonObject, added: readonly AddedToken[]): (string | undefined)[] {
  const tokens: (string | undefined)[] = [];
  for (const [token, id] of Object.entries(vocab)) {
    if (!isTokenId(id)) throw corrupt(path, `gives the token ${JSON.stringify(token)} no valid id`);
    tokens[id] = token;
  }
  for (const { id, content } of added) tokens[id] = content;
  return tokens;
}

function isTokenId(id: unknown): id is number {
  return typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < 1 << 24;
}

/**
 * Old SentencePiece exports put a space before every encoded text. We encode text by pieces, so a piece must
 * encode as itself; prompt formats that were trained with that space add it where it belongs.
 */
function withoutLeadingSpace(step: unknown): unknown {
  if (!isObject(step)) return step ?? null;
  for (const list of ['normalizers', 'pretokenizers']) {
    const steps = step[list];
    if (Array.isArray(steps)) {
      const kept: unknown[] = steps.map(withoutLeadingSpace).filter((each) => each !== null);
      return { ...step, [list]: kept };
    }
  }
  if (step.type === 'Prepend') return null;
  if (step.type === 'Metaspace') return { ...step, prepend_scheme: 'never', add_prefix_space: false };
  if (step.type === 'ByteLevel') return { ...step, add_prefix_space: false };
  return step;
}

function byteCodingOf(dir: string, json: JsonObject): ByteCoding {
  const types = [...stepTypes(json.decoder), ...stepTypes(json.pre_tokenizer)];
  if (types.includes('ByteLevel')) return 'byte-level';
  if (types.includes('ByteFallback') || types.includes('Metaspace')) return 'sentencepiece';
  throw unsupported(
    dir,
    `its tokenizer decodes with ${types.join(', ') || 'nothing'}`,
    'byte-level and SentencePiece tokenizers',
  );
}

function stepTypes(step: unknown): string[] {
  if (!isObject(step)) return [];
  const inner = step.decoders ?? step.pretokenizers;
  if (Array.isArray(inner)) return inner.flatMap(stepTypes);
  return typeof step.type === 'string' ? [step.type] : [];
}

export function unsupported(dir: string, why: string, supported: string, cause?: unknown): SlipstreamError {
  return new SlipstreamError(
    'model-unsupported',
    `Cannot load the model in ${dir} because ${why}, and Slipstream reads ${supported}; choose another model.`,
    { cause },
  );
}

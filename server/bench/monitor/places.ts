import { readFileSync } from 'node:fs';
import ts from 'typescript';
import type { MonitorTrigger } from '../../../engine/index';
import { randomIntegers } from '../../cli/eval/random';
import { answerAt } from '../../monitors/typescript/answers';
import { hypothetical } from '../../monitors/typescript/hypothesis';
import type { Projects } from '../../monitors/typescript/project';

/** A place in source at which the rest of the line is to be written anew. */
export interface HeldPlace {
  readonly fileName: string;
  readonly languageId: string;
  /** All before the place, the rest of its line, and all behind that. */
  readonly before: string;
  readonly rest: string;
  readonly after: string;
}

export const languageOf = (fileName: string): string =>
  ({ ts: 'typescript', tsx: 'typescriptreact', js: 'javascript', jsx: 'javascriptreact' })[
    /[^.]+$/.exec(fileName)?.[0].replace(/^[cm]/, '') ?? ''
  ] ?? 'plaintext';

/**
 * DotPrompts (arXiv 2306.10763) of this kind: places behind the dot of a property access whose receiver has a type that is
 * known, drawn from all of them with the same chance, in a fixed order.
 */
export function dereferences(
  projects: Projects,
  fileNames: readonly string[],
  n: number,
  seed: number,
): HeldPlace[] {
  const all = fileNames.flatMap((fileName) => {
    const text = readFileSync(fileName, 'utf8');
    const source = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true);
    const places: HeldPlace[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isPropertyAccessExpression(node)) {
        const at = node.name.getStart();
        // The completion begins right behind the dot: a name on a later line is left out.
        if (/\.$/.test(text.slice(0, at))) places.push(placeAt(fileName, languageOf(fileName), text, at));
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
    return places;
  });
  const chosen: HeldPlace[] = [];
  for (const place of shuffled(all, seed)) {
    if (chosen.length === n) break;
    const file = projects.analyse(place.fileName, hypothetical(place.before, place.after));
    if (file !== undefined && 'legal' in answerAt(file, place.before.length, ['member'])) chosen.push(place);
  }
  return chosen;
}

/** A place at which triggers of the monitors hold. */
export interface TriggeredPlace extends HeldPlace {
  readonly kinds: readonly string[];
}

/** All places at which a trigger holds, in a fixed order. */
export function triggered(
  fileNames: readonly string[],
  languageOf: (fileName: string) => string,
  triggersOf: (languageId: string) => readonly MonitorTrigger[],
  seed: number,
): TriggeredPlace[] {
  const all = fileNames.flatMap((fileName) => {
    const text = readFileSync(fileName, 'utf8');
    const languageId = languageOf(fileName);
    const patterns = triggersOf(languageId).map(({ kind, pattern }) => ({
      kind,
      pattern: new RegExp(`(?:${pattern})$`, 'u'),
    }));
    return Array.from({ length: text.length }, (_, i) => i + 1).flatMap((at) => {
      if (/[\p{L}\p{N}_$]/u.test(text[at - 1] ?? '')) return [];
      const before = text.slice(Math.max(0, at - 400), at);
      const kinds = patterns
        .filter(({ pattern }) => pattern.exec(before)?.[1] === '')
        .map(({ kind }) => kind);
      return kinds.length === 0 ? [] : [{ kinds, ...placeAt(fileName, languageId, text, at) }];
    });
  });
  return shuffled(all, seed);
}

function placeAt(fileName: string, languageId: string, text: string, at: number): HeldPlace {
  const end = text.indexOf('\n', at);
  const lineEnd = end < 0 ? text.length : end;
  return {
    fileName,
    languageId,
    before: text.slice(0, at),
    rest: text.slice(at, lineEnd),
    after: text.slice(lineEnd),
  };
}

/** Fisher and Yates's shuffle. */
function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  const random = randomIntegers(seed);
  const all = [...items];
  for (let i = all.length - 1; i > 0; i--) {
    const j = random(i + 1);
    [all[i], all[j]] = [all[j] as Item, all[i] as Item];
  }
  return all;
}

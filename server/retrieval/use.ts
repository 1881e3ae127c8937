import type { Completion, ContextSnippet } from '../../engine/index';
import type { FilterStep } from '../completion/postprocess/steps';
import { charactersPerToken } from './budgets';
import type { CellsAbove } from './notebook';
import type { Offered } from './offered';

/** What of the context a prompt showed, and why. */
export interface ContextUse extends Omit<Offered, 'path' | 'text'> {
  /** Of the prompt; of notebook cells, which are part of the prefix, about so many. */
  readonly tokens: number;
}

/** What the engine answered, what it was shown, and what the filters made of its text. */
export type ServedCompletion = Completion & {
  readonly context?: readonly ContextUse[];
  /** Those filters that changed something, in their order. */
  readonly filtered?: readonly FilterStep[];
};

/**
 * @param snippets as they were offered; the engine took the first of them, as far as there was room
 * @param above what was put before the document
 */
export function withContext(
  completion: Completion,
  snippets: readonly ContextSnippet[],
  above: CellsAbove | undefined,
): ServedCompletion {
  const taken = completion.segments?.find(({ kind }) => kind === 'context')?.snippets ?? [];
  const context = [
    ...taken.flatMap((tokens, i) => useOf(snippets[i], tokens)),
    ...cellsShown(completion, above),
  ];
  return context.length === 0 ? completion : { ...completion, context };
}

function useOf(snippet: Partial<Offered> | undefined, tokens: number): ContextUse[] {
  const { source, uri, lines, why } = snippet ?? {};
  return source === undefined || uri === undefined || why === undefined
    ? []
    : [{ source, uri, ...(lines && { lines }), why, tokens }];
}

/** The nearest cells are shown first: what the window leaves out is taken from the ones that are farthest above. */
function cellsShown({ segments }: Completion, above: CellsAbove | undefined): ContextUse[] {
  const omitted = segments?.find(({ kind }) => kind === 'prefix')?.omitted ?? 0;
  let end = 0;
  return (above?.cells ?? []).flatMap(({ uri, text }) => {
    end += text.length;
    const shown = Math.min(text.length, end - omitted);
    if (shown <= 0) return [];
    const tokens = Math.round(shown / charactersPerToken);
    return [{ source: 'notebook' as const, uri, tokens, why: 'a cell above' }];
  });
}

import { type ContextSource, contextSources, type Settings } from '../protocol';

/** Tokens of the prompt per source. */
export type Budgets = Readonly<Record<ContextSource, number>>;

/** Source code has about so many characters per token. */
export const charactersPerToken = 3.5;

/**
 * From here on a model reads enough for the file itself and others. With the default model's 512 tokens, and the files beside it
 * open, 118 of 323 next identifiers and 26 lines were right without context; with 90 tokens of open files 110 and 28, of
 * what was looked at lately 112 and 28 (source that no benchmark measures).
 */
const roomy = 1024;
/** Shares of what the model reads; the engine keeps all context within a quarter of the prompt. */
const withRoom = { recent: 1 / 16, open: 1 / 16, edits: 1 / 32, notebook: 1 / 4, clipboard: 0 } as const;
/** The cells above are the same program, as the lines above are in a file: they take what the cell itself leaves. */
const withoutRoom: Budgets = { recent: 0, open: 0, edits: 0, notebook: 256, clipboard: 0 };

/**
 * What the settings say, and where they leave it open what suits the model.
 * @param contextTokens what the model reads; 0 while that is not known
 */
export function budgetsOf({ context }: Settings, contextTokens: number): Budgets {
  const suiting = (source: ContextSource) =>
    contextTokens < roomy ? withoutRoom[source] : Math.floor(contextTokens * withRoom[source]);
  const budgets = contextSources.map((source) => [source, context[source] ?? suiting(source)]);
  return Object.fromEntries(budgets) as Record<ContextSource, number>;
}

/** Whether anything besides notebook cells may be shown. */
export const hasRoom = ({ recent, open, edits, clipboard }: Budgets): boolean =>
  recent + open + edits + clipboard > 0;

export const characters = (tokens: number): number => Math.floor(tokens * charactersPerToken);

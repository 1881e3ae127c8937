import type { CaretContext } from '../caret';
import { createGrammars } from './grammars';
import { createTrees } from './trees';
import { createView, type SyntaxView } from './view';

export type { Place, SyntaxView, Written } from './view';

/** Syntax trees of what is being completed; indentation serves where it answers nothing. */
export interface Syntax {
  /** The syntax around the caret; undefined where there is no grammar (yet). */
  at(session: string, languageId: string, caret: CaretContext): SyntaxView | undefined;
  /** Waits for the language's grammar, for those who do not ask again. */
  load(languageId: string): Promise<unknown>;
  forget(session: string): void;
}

/**
 * @param locate path of a file of `dist/grammars`
 * @param budgetMs milliseconds that one question may take
 */
export function createSyntax(
  locate: (file: string) => string,
  log: (line: string) => void,
  budgetMs?: number,
): Syntax {
  const grammars = createGrammars(locate, log);
  const trees = createTrees(budgetMs);
  return {
    async load(languageId) {
      await grammars.load(languageId);
    },
    forget: trees.forget,
    at(session, languageId, { prefix }) {
      const grammar = grammars.get(languageId);
      if (grammar === undefined) return undefined;
      const start = windowStart(prefix);
      return createView(() => trees.parse(session, grammar, prefix.slice(start)), start, languageId);
    },
  };
}

/** UTF-16 units before the caret that are parsed: a scope that is larger is told by what is in it. */
const reach = 16 * 1024;
const step = 4 * 1024;

/**
 * In a long text the parsed part begins with a line that is not indented, where something of the outermost scope begins,
 * and moves in coarse steps so that trees can be kept.
 */
function windowStart(prefix: string): number {
  if (prefix.length <= reach) return 0;
  const coarse = Math.ceil((prefix.length - reach) / step) * step;
  const outermost = /\n(?=[A-Za-z@#_$])/g;
  outermost.lastIndex = coarse;
  const found = outermost.exec(prefix);
  if (found !== null && found.index < prefix.length - step) return found.index + 1;
  const line = prefix.indexOf('\n', coarse);
  return line < 0 ? coarse : line + 1;
}

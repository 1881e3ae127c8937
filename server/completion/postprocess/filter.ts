import type { CompletionMode } from '../../../engine/index';
import type { CaretContext } from '../caret';

export interface FilterContext extends CaretContext {
  readonly mode: CompletionMode;
}

/**
 * One improvement of the raw text, pure, and safe to run on text that needs none. Line ends are `\n`
 * everywhere; an empty text means that nothing is worth showing.
 */
export type Filter = (completion: string, context: FilterContext) => string;

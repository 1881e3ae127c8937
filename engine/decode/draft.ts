import type { TokenSource } from '../completion';

/** Proposes tokens that one forward pass verifies together with the next one. */
export interface Drafter {
  readonly source: TokenSource;
  /**
   * @param tokens the prompt and everything committed so far
   * @param room most tokens that may still be committed
   * @returns the tokens that may come next, none where there is nothing to propose
   */
  draft(tokens: readonly number[], room: number): readonly number[];
}

/** Proposes nothing: one token per forward pass. */
export const noDraft: Drafter = { source: 'model', draft: () => [] };

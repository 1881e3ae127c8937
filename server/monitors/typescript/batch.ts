import { isLegalText, type MonitorAnswer } from '../../../engine/index';

/** A question about a text up to a place in a file. */
export interface AskedText {
  readonly fileName: string;
  readonly before: string;
  readonly after: string;
  /** Where what is hypothetical begins, if something is. */
  readonly caret?: number | undefined;
}

/** Whether what a question is about will be taken back, by the answer to one about a place before it. */
export function isGivenUp(question: AskedText, answered: AskedText, answer: MonitorAnswer): boolean {
  const { fileName, before, caret } = question;
  if (fileName !== answered.fileName || !before.startsWith(answered.before) || !('legal' in answer))
    return false;
  const start = answered.before.length;
  // What stands before the caret stays: where it is not legal, nothing is taken back for it.
  return answer.legal.some(
    (legal) => isLegalText(legal, before.slice(start, caret)) && !isLegalText(legal, before.slice(start)),
  );
}

/**
 * Takes questions off a list that one program answers: what is written only grows, so that a longer text has the places of
 * the shorter ones in it. A program costs far more than an answer.
 * @param waiting in the order in which they came; those that are taken are removed
 * @returns the questions with the longest text first; none where none waits
 */
export function takeBatch<Question extends AskedText>(waiting: Question[]): Question[] {
  // Decoding goes on from where the newest question is; an older one of another text may be about what is given up.
  const newest = waiting.at(-1);
  if (newest === undefined) return [];
  const isSame = ({ fileName, after }: Question) => fileName === newest.fileName && after === newest.after;
  const batch = waiting.filter((one) => isSame(one) && newest.before.startsWith(one.before));
  const others = waiting.filter((one) => !batch.includes(one));
  waiting.splice(0, waiting.length, ...others);
  return batch.sort((a, b) => b.before.length - a.before.length);
}

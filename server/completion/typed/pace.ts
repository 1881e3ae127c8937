/** How fast somebody types and the engine answers, and how long it is therefore worth to wait for the next key. */
export interface Pace {
  /** Something was typed. */
  typed(now: number): void;
  /** An answer took so long to generate, in milliseconds. */
  generated(ms: number): void;
  /** How long an answer usually takes to generate, in milliseconds; undefined before the first. */
  answerMs(): number | undefined;
  /** Milliseconds to wait for another key before the engine is asked. */
  waitMs(): number;
}

/** Tabby's bounds: who pauses longer thinks, and nobody types faster. */
const longestGapMs = 400;
const shortestGapMs = 60;
const mostGaps = 20;
/** Before anything is known. */
const usualGapMs = 200;
/** So many of the latest answers say how long one takes: one slow one says nothing. */
const mostAnswers = 5;
/** After so many keys without an answer it is tried whether the engine has become faster. */
const keysUntilTrial = 10;
/** An answer that is there in this share of a typist's gap will be seen before the next key. */
const inTime = 0.6;
/** So much longer than usual a gap must be to count as a pause. */
const pauseShare = 1.2;

/**
 * Typing and generating go on at once: where the engine answers well within the time between two keys, nothing is gained by
 * waiting. Where it does not, nearly every answer would be for a text that is no more: the engine is asked in pauses.
 */
export function createPace(): Pace {
  const gaps: number[] = [];
  let last: number | undefined;
  const answers: number[] = [];
  let skipped = 0;

  function usualGap(): number {
    const gap = gaps.length < 3 ? usualGapMs : median(gaps);
    return Math.min(longestGapMs, Math.max(shortestGapMs, gap));
  }

  const answerMs = () => (answers.length === 0 ? undefined : median(answers));

  return {
    typed(now) {
      const gap = now - (last ?? Number.NEGATIVE_INFINITY);
      last = now;
      if (gap > 5 * longestGapMs) return;
      gaps.push(gap);
      if (gaps.length > mostGaps) gaps.shift();
    },
    generated(ms) {
      answers.push(ms);
      if (answers.length > mostAnswers) answers.shift();
      skipped = 0;
    },
    answerMs,
    waitMs() {
      const gap = usualGap();
      const isInTime = (answerMs() ?? 0) <= inTime * gap;
      if (isInTime || ++skipped % keysUntilTrial === 0) return 0;
      return Math.round(pauseShare * gap);
    },
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[sorted.length >> 1] as number;
}

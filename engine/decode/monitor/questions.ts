import type { MonitorAnswer, MonitorOptions, MonitorOracle, MonitorQuestion } from '../../monitor';

/** The questions of one completion, within their time. */
export interface Questions {
  /** @param onAnswer called once, with milliseconds that it took, unless the question is dropped before */
  ask(question: MonitorQuestion, onAnswer: (answer: MonitorAnswer, ms: number) => void): AskedQuestion;
  /**
   * Waits until no question is without an answer.
   * @returns false if it was interrupted before
   */
  settled(isInterrupted: () => boolean): Promise<boolean>;
  /** Drops the questions without an answer. */
  end(): void;
  /** Milliseconds in which some question was without an answer. */
  readonly ms: number;
}

export interface AskedQuestion {
  /** Says that the answer is no longer needed. */
  drop(): void;
}

/** So often whoever waits looks whether it was interrupted, in milliseconds. */
const lookMs = 5;

type Limits = Pick<MonitorOptions, 'questionMs' | 'completionMs'>;

export function createQuestions({ questionMs, completionMs }: Limits, oracle: MonitorOracle): Questions {
  const pending = new Map<AskedQuestion, Promise<void>>();
  let busyMs = 0;
  let busySince = 0;
  const elapsed = () => busyMs + (pending.size > 0 ? performance.now() - busySince : 0);

  const begin = (asked: AskedQuestion, end: Promise<void>) => {
    if (pending.size === 0) busySince = performance.now();
    pending.set(asked, end);
  };
  /** @returns whether it was without an answer */
  const finish = (asked: AskedQuestion): boolean => {
    const total = elapsed();
    const wasPending = pending.delete(asked);
    if (wasPending && pending.size === 0) busyMs = total;
    return wasPending;
  };

  return {
    ask(question, onAnswer) {
      const limit = Math.min(questionMs, completionMs - elapsed());
      if (limit <= 0) {
        onAnswer({ reason: 'The questions of this completion have taken all their time.', isLate: true }, 0);
        return { drop: () => {} };
      }
      const controller = new AbortController();
      const started = performance.now();
      const asked: AskedQuestion = {
        drop() {
          if (finish(asked)) controller.abort();
        },
      };
      const answered = inTime(oracle(question, controller.signal), limit, controller);
      begin(
        asked,
        answered.then((answer) => {
          if (finish(asked)) onAnswer(answer, performance.now() - started);
        }),
      );
      return asked;
    },
    async settled(isInterrupted) {
      while (pending.size > 0 && !isInterrupted())
        await Promise.race([...pending.values(), new Promise((resolve) => setTimeout(resolve, lookMs))]);
      return pending.size === 0;
    },
    end() {
      for (const asked of [...pending.keys()]) asked.drop();
    },
    get ms() {
      return elapsed();
    },
  };
}

/** An answer that comes too late is dropped. */
async function inTime(
  answer: Promise<MonitorAnswer>,
  limitMs: number,
  controller: AbortController,
): Promise<MonitorAnswer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<MonitorAnswer>((resolve) => {
    const reason = `The analysis did not answer within ${Math.round(limitMs)} ms.`;
    timer = setTimeout(() => {
      resolve({ reason, isLate: true });
      controller.abort();
    }, limitMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

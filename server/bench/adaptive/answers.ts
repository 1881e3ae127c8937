import type { Completion, CompletionRequest, TokenTrace } from '../../../engine/completion';
import { createCompleter } from '../../../engine/runtime/completer';
import type { LoadedModel } from '../../../engine/runtime/load';
import type { LineSample } from '../../cli/eval/samples';
import { newTokens } from '../../completion/newTokens';
import { levenshtein } from '../../levenshtein';
import { sleep } from '../measure';

/** One way to complete, and what came of it at one place. */
export interface Answered {
  readonly completion: Completion;
  /** Its tokens without those that only write again what was typed. */
  readonly tokens: readonly TokenTrace[];
  /** The text that was wanted. */
  readonly wanted: string;
  readonly exact: boolean;
  readonly similarity: number;
  /** Mean natural log-probability of these tokens. */
  readonly logprob: number;
}

export type Way = Partial<CompletionRequest>;

const maxTokens = 128;
/** Thread pools spin for a while after their work; the next one is not to pay for that. */
const settleMs = 5;
/** More than the model sees. */
const reach = 20_000;

/**
 * Completes the rest of each line in several ways, in turns. The ways share a KV cache, which makes no difference to what they
 * say: each finds the rows of the prompt as a full computation gives them.
 */
export async function answerAll<Name extends string>(
  model: LoadedModel,
  samples: readonly LineSample[],
  ways: Readonly<Record<Name, Way>>,
  onSample: (done: number) => void,
): Promise<Record<Name, Answered[]>> {
  const completer = createCompleter(model, 1 << 20, 2 ** 30);
  const names = Object.keys(ways) as Name[];
  const answers = Object.fromEntries(names.map((name) => [name, [] as Answered[]])) as Record<
    Name,
    Answered[]
  >;
  for (const [i, sample] of samples.entries()) {
    completer.forget('sample');
    const ask = (way: Way) => {
      const started = performance.now();
      const request: CompletionRequest = {
        session: 'sample',
        prefix: sample.before.slice(-reach),
        suffix: sample.after.slice(0, reach),
        context: [],
        mode: 'line',
        maxTokens,
        deadlineMs: Number.POSITIVE_INFINITY,
        lineDeadlineMs: Number.POSITIVE_INFINITY,
        without: [],
        ...way,
      };
      return completer.complete(request, () => false, { elapsed: () => performance.now() - started });
    };
    // The prompt is read before anybody's time counts.
    await ask({ maxTokens: 1, decoding: 'greedy' });
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(i + turn) % names.length] as Name;
      await sleep(settleMs);
      answers[name].push(judged(sample, await ask(ways[name])));
    }
    onSample(i + 1);
  }
  return answers;
}

function judged({ rest }: LineSample, completion: Completion): Answered {
  const wanted = rest.trimEnd();
  const text = completion.text.trimEnd();
  const longer = Math.max(wanted.length, text.length);
  const tokens = newTokens(completion);
  const sum = (of: readonly TokenTrace[]) => of.reduce((total, { logprob }) => total + logprob, 0);
  return {
    completion,
    tokens,
    wanted,
    exact: text === wanted,
    similarity: longer === 0 ? 1 : 1 - levenshtein(text, wanted) / longer,
    logprob: sum(tokens) / Math.max(1, tokens.length),
  };
}

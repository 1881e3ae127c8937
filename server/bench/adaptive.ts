import { join } from 'node:path';
import { adaptive, published } from '../../engine/decode/uncertainty/lookahead';
import { type LoadedModel, loadModel } from '../../engine/runtime/load';
import { type LineSample, sampleLines } from '../cli/eval/samples';
import { leastConfidence } from '../completion/confidence';
import { defaultSettings } from '../protocol';
import { type Answered, answerAll, type Way } from './adaptive/answers';
import { confidenceChart, confidenceRows } from './adaptive/confidence';
import { changeRows, costRows, qualityRows, wordRows } from './adaptive/rows';
import { heldOutFolders } from './heldOut';
import { type BenchReport, machine } from './report';
import type { BenchOptions, Suite } from './suite';

/** What is measured; tests measure less. */
export interface AdaptivePlan {
  /** Lines whose rest is completed, and carets in words. */
  readonly lines: number;
  readonly words: number;
  readonly seed: number;
}

const plan: AdaptivePlan = { lines: 1000, words: 1000, seed: 1 };
const threads = 2;

const ways = {
  adaptive: {},
  greedy: { decoding: 'greedy' },
  'published parameters': { lookahead: published },
  'without splicing': { lookahead: { ...adaptive, splice: false } },
  'without copies': { without: ['copy'] },
  'beam search': { decoding: 'beam' },
  'infill rule': { decoding: 'infill' },
  'adaptive as shown': { leastConfidence: leastConfidence[defaultSettings.eagerness] },
  'greedy as shown': {
    leastConfidence: leastConfidence[defaultSettings.eagerness],
    decoding: 'greedy',
  },
} as const satisfies Record<string, Way>;
export type WayName = keyof typeof ways;

const wordWays = {
  healed: { decoding: 'greedy' },
  unhealed: { decoding: 'greedy', without: ['healing'] },
} as const satisfies Record<string, Way>;

/** Looking ahead where the model is unsure: what it changes, what it costs, and how well the model knows when it is right. */
export const adaptiveSuite: Suite = (options) => runAdaptive(options, plan);

export async function runAdaptive(
  options: BenchOptions,
  { lines, words, seed }: AdaptivePlan,
): Promise<BenchReport> {
  const model = await loadModel({
    modelDirectory: options.modelDirectory ?? join(options.root, 'models', 'default'),
    device: 'cpu',
    precision: 'int8',
    threads,
    cacheDirectory: options.cacheDirectory,
  });
  try {
    const folders = options.sources ?? heldOutFolders(options.root);
    const drawn = drawFrom(folders, lines, seed);
    const answers = await answerAll(model, drawn, ways, (done) =>
      options.progress(`line ${done} of ${drawn.length}`),
    );
    sameTokens(answers.adaptive, answers['without splicing']);
    sameTokens(answers.adaptive, answers['without copies']);
    const carets = caretsInWords(folders, words, seed + 1);
    const inWords = await answerAll(model, carets, wordWays, (done) =>
      options.progress(`caret in a word ${done} of ${carets.length}`),
    );
    return {
      suite: 'adaptive',
      machine: machine(),
      rows: [
        ...qualityRows(answers),
        ...changeRows(answers, drawn, model.threshold),
        ...costRows(answers),
        ...wordRows(inWords),
        ...confidenceRows(answers.adaptive),
      ],
      charts: [confidenceChart(answers.adaptive)],
      notes: notesOf(model, drawn.length, carets.length),
    };
  } finally {
    await model.decoder.release();
  }
}

const notesOf = ({ threshold }: LoadedModel, lines: number, words: number) => [
  `Rests of ${lines} lines of source that the model has not seen, and ${words} carets in words; all ways at the same places, in turns, ${threads} threads.`,
  `Unsure: from ${threshold.toFixed(3)} nats on, learned on other source. Adaptive: ${describe(adaptive)}; published: ${describe(published)}.`,
  'Intervals: 95 %, paired bootstrap over the lines. Time: decoding alone, for each token behind the caret.',
  'With and without splicing, and with and without copies, all tokens were the same: a run in which they are not fails.',
  'Confidence: the probability that the model gives to all that is shown, of which that beginning is chosen that saves most keys on average. "Keys": of those that the rests of the lines take; what is shown when the first piece is there is not counted.',
];

const describe = ({ candidates, depth, leastShare, weighting }: typeof published) =>
  `${candidates} candidates${leastShare > 0 ? ` with at least ${leastShare} of the best one's probability` : ''}, rollouts of ${depth}, weighting "${weighting}"`;

const drawFrom = (folders: readonly string[], n: number, seed: number): LineSample[] =>
  folders.flatMap((folder) => sampleLines(folder, Math.ceil(n / folders.length), seed, () => {}));

/** Lines that are cut inside an identifier. */
function caretsInWords(folders: readonly string[], n: number, seed: number): LineSample[] {
  const inside = ({ before, rest }: LineSample) => /[\w$]$/.test(before) && /^[\w$]/.test(rest);
  const each = Math.ceil(n / folders.length);
  return folders.flatMap((folder) =>
    // Some two fifths of all cuts are such.
    sampleLines(folder, 4 * each, seed, () => {})
      .filter(inside)
      .slice(0, each),
  );
}

/** @throws Error where a technique that only saves time has changed a token */
function sameTokens(one: readonly Answered[], other: readonly Answered[]): void {
  const facts = ({ completion }: Answered) =>
    JSON.stringify(completion.tokens.map(({ text, logprob, entropy }) => [text, logprob, entropy]));
  const at = one.findIndex((answer, i) => facts(answer) !== facts(other[i] as Answered));
  if (at >= 0)
    throw new Error(`A technique that must only save time has changed the tokens of line ${at + 1}.`);
}

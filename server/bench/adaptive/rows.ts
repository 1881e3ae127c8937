import type { LineSample } from '../../cli/eval/samples';
import type { WayName } from '../adaptive';
import { type BenchRow, row } from '../report';
import { mean, share } from '../statistics';
import type { Answered } from './answers';
import { bootstrap } from './bootstrap';

type Answers = Readonly<Record<WayName, readonly Answered[]>>;

/** Ways that differ in what they say; the others only in the time. */
const compared = ['adaptive', 'greedy', 'published parameters', 'beam search', 'infill rule'] as const;
const goals = { overhead: 1.1, ofBeam: 0.5 } as const;

export function qualityRows(answers: Answers): BenchRow[] {
  const exact = (name: WayName) => 100 * share(answers[name], (answer) => answer.exact);
  const similarity = (name: WayName) => 100 * mean(answers[name].map((answer) => answer.similarity));
  const logprob = (name: WayName) => mean(answers[name].map((answer) => answer.logprob));
  return [
    ...compared.map((name) => row(`exact match, ${name}`, exact(name), '%')),
    ...gainRows(answers, 'exact match', (answer) => 100 * Number(answer.exact)),
    ...compared.map((name) => row(`edit similarity, ${name}`, similarity(name), '%')),
    ...gainRows(answers, 'edit similarity', (answer) => 100 * answer.similarity),
    ...compared.map((name) => row(`log-probability of a token, mean, ${name}`, logprob(name), 'nats')),
    ...gainRows(answers, 'log-probability', (answer) => answer.logprob),
  ];
}

/** Adaptive against greedy and beam search; the goal against greedy is an interval above zero, against beam search one that reaches it. */
function gainRows(answers: Answers, what: string, measure: (answer: Answered) => number): BenchRow[] {
  const against = (name: WayName) =>
    bootstrap(answers.adaptive.map((answer, i) => measure(answer) - measure(answers[name][i] as Answered)));
  const greedy = against('greedy');
  const beam = against('beam search');
  const unit = what === 'log-probability' ? 'nats' : 'points';
  const least = { goal: 0, goalKind: 'least' } as const;
  return [
    row(`${what}: adaptive less greedy, mean`, greedy.mean, unit),
    row(`${what}: adaptive less greedy, lower end of the interval`, greedy.low, unit, least),
    row(`${what}: adaptive less greedy, upper end`, greedy.high, unit),
    row(`${what}: adaptive less beam search, mean`, beam.mean, unit, least),
  ];
}

/** How often the model was unsure, and what became of it. */
export function changeRows(answers: Answers, samples: readonly LineSample[], threshold: number): BenchRow[] {
  return (['adaptive', 'published parameters'] as const).flatMap((name) => {
    const tokens = answers[name].flatMap((answer) => answer.tokens);
    const uses = answers[name].map(({ completion }) => completion.lookahead);
    const pauses = uses.reduce((sum, use) => sum + use.pauses, 0);
    const changes = answers[name].flatMap((answer, i) => judgedChanges(answer, samples[i] as LineSample));
    const of = (verdict: Verdict) => 100 * share(changes, (change) => change === verdict);
    return [
      row(
        `${name}: tokens at which the model is unsure`,
        100 * share(tokens, ({ entropy }) => entropy >= threshold),
        '%',
      ),
      row(`${name}: tokens at which it looks ahead`, (100 * pauses) / tokens.length, '%'),
      row(`${name}: lookaheads that change the choice`, (100 * changes.length) / Math.max(1, pauses), '%'),
      row(`${name}: changes for the better`, of('better'), '%'),
      row(`${name}: changes for the worse`, of('worse'), '%'),
    ];
  });
}

type Verdict = 'better' | 'worse' | 'neither';

/** Whether the text that was wanted goes on with the token taken, with the one not taken, or with neither. */
function judgedChanges({ completion }: Answered, { rest }: LineSample): Verdict[] {
  const { tokens, lookahead } = completion;
  return lookahead.changes.map(({ at, instead }) => {
    const before = tokens
      .slice(0, at)
      .map(({ text }) => text)
      .join('');
    const wanted = completion.typed + rest;
    const taken = wanted.startsWith(before + (tokens[at]?.text ?? ''));
    const other = wanted.startsWith(before + instead);
    if (taken === other) return 'neither';
    return taken ? 'better' : 'worse';
  });
}

export function costRows(answers: Answers): BenchRow[] {
  const sum = (name: WayName, of: (answer: Answered) => number) =>
    answers[name].reduce((total, answer) => total + of(answer), 0);
  const ofToken = (name: WayName, of: (answer: Answered) => number) =>
    sum(name, of) / sum(name, ({ tokens }) => tokens.length);
  const perToken = (name: WayName) => ofToken(name, ({ completion }) => completion.timings.decodeMs);
  const passes = (name: WayName) => ofToken(name, ({ completion }) => completion.forwards);
  return [
    row('time per token, adaptive against greedy', perToken('adaptive'), 'ms', {
      baseline: perToken('greedy'),
      goal: goals.overhead,
    }),
    row(
      'time per token, adaptive against greedy, as shown while typing',
      perToken('adaptive as shown'),
      'ms',
      {
        baseline: perToken('greedy as shown'),
        goal: goals.overhead,
      },
    ),
    row('time per token, adaptive against beam search', perToken('adaptive'), 'ms', {
      baseline: perToken('beam search'),
      goal: goals.ofBeam,
    }),
    row('time per token, published parameters against greedy', perToken('published parameters'), 'ms', {
      baseline: perToken('greedy'),
    }),
    row('time per token, spliced against not', perToken('adaptive'), 'ms', {
      baseline: perToken('without splicing'),
    }),
    ...(['adaptive', 'greedy', 'published parameters', 'beam search'] as const).map((name) =>
      row(`passes per token, ${name}`, passes(name), 'passes'),
    ),
  ];
}

export function wordRows({
  healed,
  unhealed,
}: Readonly<Record<'healed' | 'unhealed', readonly Answered[]>>): BenchRow[] {
  const exact = (answers: readonly Answered[]) => 100 * share(answers, (answer) => answer.exact);
  const gain = bootstrap(
    healed.map((answer, i) => 100 * (Number(answer.exact) - Number(unhealed[i]?.exact))),
  );
  const least = { goal: 0, goalKind: 'least' } as const;
  return [
    row('caret in a word: exact match, healed', exact(healed), '%'),
    row('caret in a word: exact match, not healed', exact(unhealed), '%'),
    row('caret in a word: healed less not healed, mean', gain.mean, 'points', least),
    row('caret in a word: healed less not healed, lower end of the interval', gain.low, 'points'),
    row(
      'caret in a word: edit similarity, healed',
      100 * mean(healed.map((answer) => answer.similarity)),
      '%',
    ),
    row(
      'caret in a word: edit similarity, not healed',
      100 * mean(unhealed.map((answer) => answer.similarity)),
      '%',
    ),
  ];
}

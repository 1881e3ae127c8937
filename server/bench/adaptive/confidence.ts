import { keystrokes, shownPart } from '../../../engine/decode/uncertainty/confidence';
import { eagernesses, leastConfidence } from '../../completion/confidence';
import { type BenchChart, type BenchRow, row } from '../report';
import { share } from '../statistics';
import type { Answered } from './answers';

const thresholds = [0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/** What is shown when a completion must have this confidence, and what it is worth; shares in 0..1. */
function gate(answers: readonly Answered[], least: number) {
  const parts = answers.map(({ completion, wanted }) => {
    const part = shownPart(completion, least).trimEnd();
    return { part, isRight: wanted.startsWith(part), isWhole: wanted === part };
  });
  const shown = parts.filter(({ part }) => keystrokes(part) > (least > 0 ? 1 : 0));
  const keys = answers.reduce((sum, { wanted }) => sum + keystrokes(wanted), 0);
  const saved = shown.reduce((sum, { part, isRight }) => sum + (isRight ? keystrokes(part) - 1 : 0), 0);
  return {
    shown: shown.length / answers.length,
    precision: share(shown, ({ isRight }) => isRight),
    exact: share(shown, ({ isWhole }) => isWhole),
    saved: saved / keys,
  };
}

/** At the product's own settings. */
export function confidenceRows(answers: readonly Answered[]): BenchRow[] {
  return eagernesses.flatMap((eagerness) => {
    const { shown, precision, exact, saved } = gate(answers, leastConfidence[eagerness]);
    return [
      row(`"${eagerness}": completions shown`, 100 * shown, '%'),
      // Of none nothing can be said.
      ...(shown === 0
        ? []
        : [
            row(`"${eagerness}": of these right, as far as they go (precision)`, 100 * precision, '%'),
            row(`"${eagerness}": of these all that is wanted`, 100 * exact, '%'),
          ]),
      row(`"${eagerness}": keys that these save`, 100 * saved, '%'),
    ];
  });
}

/** What becomes of the completions that are shown as the limit rises. */
export function confidenceChart(answers: readonly Answered[]): BenchChart {
  const gates = thresholds.map((least) => gate(answers, least));
  return {
    title: 'Shown and right, by the confidence that a completion must have',
    kind: 'line',
    unit: '%',
    axis: 'least confidence',
    labels: thresholds.map(String),
    series: [
      { name: 'right', values: gates.map(({ precision }) => 100 * precision) },
      { name: 'keys saved', values: gates.map(({ saved }) => 100 * saved) },
      { name: 'shown', values: gates.map(({ shown }) => 100 * shown) },
    ],
  };
}

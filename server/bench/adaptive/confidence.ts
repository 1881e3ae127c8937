import { eagernesses, leastConfidence } from '../../completion/confidence';
import { type BenchChart, type BenchRow, row } from '../report';
import type { Answered } from './answers';

const thresholds = [0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/** What is shown as a whole when a completion must have this confidence. */
function gate(answers: readonly Answered[], least: number) {
  const shown = answers.filter(
    ({ confidence, completion }) => confidence >= least && completion.text.trim() !== '',
  );
  const right = shown.filter(({ exact }) => exact).length;
  const allRight = answers.filter(({ exact }) => exact).length;
  return {
    shown: shown.length / answers.length,
    precision: shown.length === 0 ? 0 : right / shown.length,
    recall: allRight === 0 ? 0 : right / allRight,
  };
}

/** At the product's own settings. */
export function confidenceRows(answers: readonly Answered[]): BenchRow[] {
  return eagernesses.flatMap((eagerness) => {
    const { shown, precision, recall } = gate(answers, leastConfidence[eagerness]);
    return [
      row(`"${eagerness}": completions shown whole`, 100 * shown, '%'),
      row(`"${eagerness}": of these right (precision)`, 100 * precision, '%'),
      row(`"${eagerness}": of the right ones shown (recall)`, 100 * recall, '%'),
    ];
  });
}

/** Precision and recall of "shown and right" as the limit rises. */
export function confidenceChart(answers: readonly Answered[]): BenchChart {
  const gates = thresholds.map((least) => gate(answers, least));
  return {
    title: 'Shown and right, by the confidence that a completion must have',
    kind: 'line',
    unit: '%',
    axis: 'least confidence',
    labels: thresholds.map(String),
    series: [
      { name: 'precision', values: gates.map(({ precision }) => 100 * precision) },
      { name: 'recall', values: gates.map(({ recall }) => 100 * recall) },
      { name: 'shown', values: gates.map(({ shown }) => 100 * shown) },
    ],
  };
}

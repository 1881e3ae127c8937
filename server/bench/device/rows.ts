import { median, quantile } from '../measure';
import { type BenchChart, type BenchRow, row } from '../report';
import { mean } from '../statistics';
import { batch, bytesPerSecond, contexts, prompt } from './contender';
import { completionTokens } from './edits';
import type { Figures } from './measure';

/** What a device has to reach, in milliseconds. */
export interface Goals {
  readonly editToFirst?: number;
  readonly editToCompletionP95?: number;
}

const grouped = (count: number) => count.toLocaleString('en-US');
const firstTimes = ({ edits }: Figures) => edits.map(({ firstMs }) => firstMs);
const totalTimes = ({ edits }: Figures) => edits.map(({ totalMs }) => totalMs);

/** Milliseconds of a typical completion: an edit and 20 tokens. */
export const typicalMs = (figures: Figures) => median(totalTimes(figures));

/**
 * The rows of one device; what there was no time for is left out.
 * @param reference the device that it is compared with, measured in the same turns
 */
export function deviceRows(
  label: string,
  figures: Figures,
  reference: Figures | undefined,
  goals: Goals,
): BenchRow[] {
  const { contender, edits, recomputed, decode, memory, batch: batched, oneRow } = figures;
  const title = (name: string) => `${label}, ${contender.device}: ${name}`;
  const times = (name: string, value: number, baseline?: number) =>
    row(title(name), value, 'ms', { baseline: Number.isNaN(baseline) ? undefined : baseline });
  const against = reference === undefined ? '' : `, against ${reference.contender.device}`;
  const compared = (name: string, of: (figures: Figures) => readonly number[]) =>
    times(`${name}${against}`, median(of(figures)), reference && median(of(reference)));
  const goal = (name: string, value: number, limit: number | undefined) =>
    row(title(name), value, 'ms', { goal: limit });

  const bandwidth = contender.memory.bytes / (median(memory) / 1000);
  const [near] = contexts;
  const reached = bytesPerSecond(contender, near, median(decode[0] ?? []));
  const rows = [
    times('load from the disk cache', contender.loadMs),
    goal('edit to first token, median', median(firstTimes(figures)), goals.editToFirst),
    // Without time for the comparison it would only repeat the row above.
    ...(recomputed.length === 0
      ? []
      : [
          times(
            'edit to first token, against computing all anew',
            median(firstTimes(figures)),
            median(recomputed.map(({ firstMs }) => firstMs)),
          ),
        ]),
    compared(`edit to ${completionTokens} tokens, median`, totalTimes),
    goal(
      `edit to ${completionTokens} tokens, p95`,
      quantile(totalTimes(figures), 0.95),
      goals.editToCompletionP95,
    ),
    row(title('encoded after an edit'), mean(edits.map(({ encoded }) => encoded)), 'tokens'),
    ...contexts.map((rows, i) =>
      compared(`decode one token behind ${grouped(rows)}`, (figures) => figures.decode[i] ?? []),
    ),
    row(title('memory bandwidth'), bandwidth / 1e9, 'GB/s'),
    row(title(`share of it that decoding behind ${grouped(near)} reaches`), (100 * reached) / bandwidth, '%'),
    compared(`prefill ${prompt}`, ({ prefill }) => prefill),
    times(`${batch} rows behind ${grouped(near)}, against 1 row`, median(batched), median(oneRow)),
  ];
  return rows;
}

/** The devices side by side, in what a person waits for. */
export function deviceChart(label: string, all: readonly Figures[]): BenchChart {
  const series = all.map((figures) => ({
    name: figures.contender.device,
    values: [
      median(firstTimes(figures)),
      typicalMs(figures),
      median(figures.recomputed.map(({ firstMs }) => firstMs)),
      median(figures.prefill),
    ],
  }));
  return {
    title: `${label}: what a person waits for`,
    kind: 'bar',
    unit: 'ms',
    axis: '',
    labels: [
      'edit to first token',
      `edit to ${completionTokens} tokens`,
      'first token, computing all anew',
      `prefill ${prompt}`,
    ],
    series,
  };
}

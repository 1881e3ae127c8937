import { join } from 'node:path';
import type { CompletionSource } from '../protocol';
import { quantile } from './measure';
import { type BenchRow, machine, row } from './report';
import { share } from './statistics';
import { isOver, type Suite } from './suite';
import { traceSources } from './traces/sources';
import { answeredRows } from './typing/answered';
import { awaitedRows } from './typing/awaited';
import { passagesOf } from './typing/keys';
import { type Key, type Typed, typePassages } from './typing/paced';
import { worthRows } from './typing/worth';

/** Words of five characters per minute: an unhurried, a usual and a fast typist of source. */
const speeds = [60, 90, 120];
const passages = 4;
/** Of each passage. */
const keys = 90;
const sources: readonly CompletionSource[] = ['cache', 'in-flight', 'fresh'];

/**
 * Source that the model has not read is typed into the middle of its own file, key by key, through the real server: how long
 * after a key ghost text is there, where it came from, and what it costs.
 */
export const typingSuite: Suite = async (options) => {
  const model = options.modelDirectory ?? join(options.root, 'models', 'default');
  const { root, cacheDirectory } = options;
  const files = traceSources(root, options.sources);
  const runs: { readonly speed: number; readonly typed: Typed }[] = [];
  const chosen = passagesOf(files, passages, keys);
  for (const speed of speeds) {
    if (runs.length > 0 && isOver(options)) break;
    options.progress(`${passages * keys} keys at ${speed} words per minute`);
    runs.push({ speed, typed: await typePassages({ root, cacheDirectory, model }, chosen, speed) });
  }
  const all = runs.flatMap(({ typed }) => typed.keys);
  const others = isOver(options) ? [] : [await awaitedRows(options), await answeredRows(options)];
  return {
    suite: 'typing',
    machine: machine(),
    rows: [
      ...latencyRows('key to ghost text', all, { p50: 40, p95: 150 }),
      ...sources.flatMap((source) => sourceRows(source, all)),
      ...runs.flatMap(({ speed, typed }) => speedRows(speed, typed)),
      ...others.flatMap(({ rows }) => rows),
    ],
    notes: [
      `The same ${chosen.length} passages of ${keys} keys each at ${speeds.join(', ')} words per minute, gaps between keys log-normal; a request after each key, which the next key cancels, as an editor does (VS Code waits 50 ms more before it asks). Each passage is cut out of the middle of a file that the model has not read.`,
      '"Characters saved": by somebody who takes each completion that is right as a whole, with one key. "Core": processor time of the server and all its threads against the time that is typed; 100 % is one core.',
      whyNothing(all),
      ...others.flatMap(({ notes }) => notes),
    ],
    charts: [sourceChart(runs)],
  };
};

function latencyRows(
  name: string,
  keys: readonly Key[],
  goals: { readonly p50?: number; readonly p95?: number } = {},
): BenchRow[] {
  const times = keys.flatMap(({ shown }) => (shown === undefined ? [] : [shown.ms]));
  if (times.length === 0) return [];
  return [
    row(`${name}, p50`, quantile(times, 0.5), 'ms', { goal: goals.p50 }),
    row(`${name}, p95`, quantile(times, 0.95), 'ms', { goal: goals.p95 }),
  ];
}

function sourceRows(source: CompletionSource, keys: readonly Key[]): BenchRow[] {
  const own = keys.filter(({ shown }) => shown?.source === source);
  return [
    ...latencyRows(`key to ghost text, ${source}`, own),
    row(`keys with ghost text, ${source}`, (100 * own.length) / keys.length, '%'),
  ];
}

function speedRows(speed: number, { keys, cpuSeconds, seconds }: Typed): BenchRow[] {
  const at = `at ${speed} words per minute`;
  return [
    ...latencyRows(`key to ghost text ${at}`, keys),
    row(`keys with ghost text ${at}`, 100 * share(keys, ({ shown }) => shown !== undefined), '%'),
    ...worthRows(keys, ` ${at}`),
    row(`processor ${at}`, (100 * cpuSeconds) / seconds, '% of a core', { goal: 25 }),
    row(`processor time per minute ${at}`, (60 * cpuSeconds) / seconds, 's'),
  ];
}

/** Why keys had no ghost text, the most frequent reason first. */
function whyNothing(keys: readonly Key[]): string {
  const counts = new Map<string, number>();
  for (const { empty } of keys) if (empty !== undefined) counts.set(empty, (counts.get(empty) ?? 0) + 1);
  const parts = [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([reason, count]) => `${reason} ${Math.round((100 * count) / keys.length)} %`);
  return `Keys without ghost text: ${parts.join(', ')}.`;
}

function sourceChart(runs: readonly { readonly speed: number; readonly typed: Typed }[]) {
  return {
    title: 'Where ghost text came from',
    kind: 'bar',
    unit: '% of keys',
    axis: 'words per minute',
    labels: runs.map(({ speed }) => String(speed)),
    series: sources.map((source) => ({
      name: source,
      values: runs.map(({ typed }) => 100 * share(typed.keys, ({ shown }) => shown?.source === source)),
    })),
  } as const;
}

import { writeFile } from 'node:fs/promises';
import { SlipstreamError } from '../../engine/index';
import { messageOf } from '../engine/messages';
import { adaptiveSuite } from './adaptive';
import { copySuite } from './copy';
import { decodeSuite } from './decode';
import { deviceSuite } from './device';
import { editReplaySuite } from './editReplay';
import { markdownOf } from './markdown';
import type { BenchMessage } from './message';
import { monitorSuite } from './monitor';
import type { SuiteName } from './names';
import { qualitySuite } from './quality';
import { type BenchReport, formatReport, machine } from './report';
import { scalingSuite } from './scaling';
import { soakSuite } from './soak';
import { startupSuite } from './startup';
import type { BenchOptions, Suite } from './suite';
import { typingSuite } from './typing';

export { type SuiteName, selectSuites, suiteNames } from './names';
export type { BenchReport } from './report';
export type { BenchOptions, Suite } from './suite';

export const suites: Record<SuiteName, Suite> = {
  startup: startupSuite,
  device: deviceSuite,
  decode: decodeSuite,
  'edit-replay': editReplaySuite,
  copy: copySuite,
  adaptive: adaptiveSuite,
  monitor: monitorSuite,
  typing: typingSuite,
  quality: qualitySuite,
  scaling: scalingSuite,
  soak: soakSuite,
};

export interface RunOptions extends Omit<BenchOptions, 'progress' | 'deadline'> {
  /** What each suite has before it begins nothing new, if it is one that can end early. */
  readonly seconds?: number;
  /** Ends the run behind the suite that it is in. */
  readonly signal?: AbortSignal;
}

export interface BenchOutput {
  readonly print: (text: string) => void;
  readonly tell: (message: BenchMessage) => void | Promise<void>;
  readonly jsonFile?: string | undefined;
  readonly markdownFile?: string | undefined;
}

/**
 * Runs suites one after another, printing each report as a table, and all of them into the files. One that fails has its
 * reason in the place of figures, and the others go on.
 * @throws what aborted the signal
 */
export async function runBench(
  names: readonly SuiteName[],
  { seconds = Number.POSITIVE_INFINITY, signal, ...options }: RunOptions,
  { print, tell, jsonFile, markdownFile }: BenchOutput,
): Promise<BenchReport[]> {
  const reports: BenchReport[] = [];
  for (const suite of names) {
    signal?.throwIfAborted();
    const progress = (line: string) => void tell({ kind: 'progress', suite, line });
    const deadline = performance.now() + 1000 * seconds;
    const report = await measure(suite, { ...options, deadline, progress });
    reports.push(report);
    print(`${formatReport(report)}\n`);
    await tell({ kind: 'report', report });
    // Written after each suite: a long run that is broken off keeps what it has measured.
    if (jsonFile !== undefined) await writeFile(jsonFile, `${JSON.stringify(reports, null, 2)}\n`);
    if (markdownFile !== undefined) await writeFile(markdownFile, markdownOf(reports));
  }
  return reports;
}

async function measure(suite: SuiteName, options: BenchOptions): Promise<BenchReport> {
  try {
    requireProcessor(suite, options.device);
    return measured(await suites[suite](options));
  } catch (error) {
    return { suite, machine: machine(), rows: [], notes: [], failure: messageOf(error) };
  }
}

/** What there was nothing to measure for is no number, and none is shown for it. */
function measured(report: BenchReport): BenchReport {
  const rows = report.rows.filter((row) =>
    Object.values(row).every((value) => typeof value !== 'number' || Number.isFinite(value)),
  );
  if (rows.length > 0 || report.failure !== undefined) return { ...report, rows };
  const failure = 'There was nothing to measure: no source that is long enough, in a language that it takes.';
  return { ...report, rows, failure };
}

/** Suites that measure a GPU, too. */
const onGpu: readonly SuiteName[] = ['device', 'decode', 'edit-replay', 'copy'];

/** Figures of the processor must not pass for those of another device. */
function requireProcessor(suite: SuiteName, device: BenchOptions['device']): void {
  if (device !== 'webgpu' || onGpu.includes(suite)) return;
  throw new SlipstreamError(
    'device-unavailable',
    `Cannot measure ${suite} on the GPU, because only ${onGpu.join(', ')} run there; set the device to "auto" or "cpu".`,
  );
}

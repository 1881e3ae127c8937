import { writeFile } from 'node:fs/promises';
import { decodeSuite } from './decode';
import { editReplaySuite } from './editReplay';
import type { SuiteName } from './names';
import { qualitySuite } from './quality';
import { type BenchReport, formatReport } from './report';
import { startupSuite } from './startup';
import type { BenchOptions, Suite } from './suite';
import { typingSuite } from './typing';

export { type SuiteName, selectSuites, suiteNames } from './names';
export type { BenchReport } from './report';
export type { BenchOptions, Suite } from './suite';

export const suites: Record<SuiteName, Suite> = {
  startup: startupSuite,
  decode: decodeSuite,
  'edit-replay': editReplaySuite,
  typing: typingSuite,
  quality: qualitySuite,
};

/** Runs suites one after another, printing each report as a table, and all of them as JSON into `jsonFile`. */
export async function runBench(
  names: readonly SuiteName[],
  options: BenchOptions,
  output: { readonly print: (text: string) => void; readonly jsonFile?: string | undefined },
): Promise<void> {
  const reports: BenchReport[] = [];
  for (const name of names) {
    const report = await suites[name](options);
    reports.push(report);
    output.print(`${formatReport(report)}\n`);
    // Written after each suite: a long run that is broken off keeps what it has measured.
    if (output.jsonFile !== undefined)
      await writeFile(output.jsonFile, `${JSON.stringify(reports, null, 2)}\n`);
  }
}

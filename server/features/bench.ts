import {
  ErrorCodes,
  ResponseError,
  WorkDoneProgress,
  type WorkDoneProgressBegin,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from 'vscode-languageserver/node';
import { runSuite } from '../bench/child';
import { comparisonCharts } from '../bench/comparisons';
import { markdownOf } from '../bench/markdown';
import { type SuiteName, selectSuites, suiteDescriptions, suiteNames } from '../bench/names';
import { type BenchReport, machineLine, tableOf } from '../bench/report';
import type { ServerContext } from '../context';
import { modelDirectory } from '../engine/options';
import {
  type BenchAnswer,
  type BenchPage,
  type BenchParams,
  type BenchSuite,
  benchRunRequest,
  benchSuitesRequest,
  defaultSettings,
} from '../protocol';
import { abortable } from '../requests';

/** Runs benchmark suites for a client, each in a process of its own, with the model, device and precision of the settings. */
export function register(context: ServerContext): void {
  const { connection, client, log } = context;
  let running = false;

  connection.onRequest(benchSuitesRequest.method, (): BenchSuite[] =>
    suiteNames.map((name) => ({ name, ...suiteDescriptions[name] })),
  );

  connection.onRequest(benchRunRequest.method, async (raw: unknown, token): Promise<BenchAnswer> => {
    const params = benchParams(raw);
    const files = params.files === 'workspace' ? client.folders : [];
    if (params.files === 'workspace' && files.length === 0)
      throw invalid('no folder of this machine is open; take the built-in files');
    if (running)
      throw invalid('another benchmark is running, and they would measure each other; wait for its end');
    running = true;
    try {
      return await run(params, argumentsOf(files), abortable(token).signal);
    } finally {
      running = false;
    }
  });

  function argumentsOf(files: readonly string[]): string[] {
    const { model, device, precision } = context.settings;
    return [
      ...(model === '' ? [] : ['--model', modelDirectory(model, client.folders[0] ?? process.cwd())]),
      ...['--device', device],
      // Suites that measure shapes take the precision that suits them, unless the user has chosen one.
      ...(precision === defaultSettings.precision ? [] : ['--precision', precision]),
      ...(files.length === 0 ? [] : ['--files', ...files]),
    ];
  }

  async function run(params: RunParams, flags: readonly string[], signal: AbortSignal): Promise<BenchAnswer> {
    const { suites, workDoneToken } = params;
    const tell = (value: WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd) => {
      if (workDoneToken !== undefined)
        void connection.sendProgress(WorkDoneProgress.type, workDoneToken, value);
    };
    const reports: BenchReport[] = [];
    tell({ kind: 'begin', title: 'Slipstream benchmark', cancellable: true, percentage: 0 });
    for (const [done, suite] of suites.entries()) {
      const percentage = Math.round((100 * done) / suites.length);
      tell({ kind: 'report', message: `${suite}: starting`, percentage });
      const report = await runSuite(suite, flags, signal, (line) =>
        tell({ kind: 'report', message: `${suite}: ${line}`, percentage }),
      );
      if (report === undefined) break;
      log.info(`Benchmark ${suite}: ${report.failure ?? `${report.rows.length} rows`}`);
      reports.push(report);
    }
    tell({ kind: 'end' });
    const stopped = reports.length < suites.length;
    return { reports, pages: reports.map(pageOf), markdown: markdownOf(reports), stopped };
  }
}

function pageOf(report: BenchReport): BenchPage {
  return {
    report,
    machine: machineLine(report.machine),
    table: tableOf(report),
    charts: [...(report.charts ?? []), ...comparisonCharts(report)],
  };
}

type RunParams = Omit<BenchParams, 'suites'> & { suites: SuiteName[] };

/** @throws ResponseError that says in one sentence what is wrong with the request */
function benchParams(raw: unknown): RunParams {
  const { suites, files, workDoneToken } = (raw ?? {}) as { [Key in keyof BenchParams]?: unknown };
  if (!Array.isArray(suites) || suites.length === 0) throw invalid('its parameters need suites');
  const unknown = suites.find((name) => !suiteNames.some((suite) => suite === name));
  if (unknown !== undefined)
    throw invalid(`there is no suite ${JSON.stringify(unknown)}; ${suiteNames.join(', ')} exist`);
  if (files !== undefined && files !== 'workspace' && files !== 'built-in')
    throw invalid('files must be workspace or built-in');
  const token =
    typeof workDoneToken === 'string' || typeof workDoneToken === 'number' ? { workDoneToken } : {};
  return { suites: selectSuites(suites), ...(files === undefined ? {} : { files }), ...token };
}

const invalid = (why: string) =>
  new ResponseError(ErrorCodes.InvalidParams, `The benchmark cannot run, because ${why}.`);

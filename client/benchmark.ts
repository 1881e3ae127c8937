import * as vscode from 'vscode';
import type { BenchAnswer, BenchParams, BenchSuite } from '../server/protocol';
import { reporterOf } from './progress';
import { showReport } from './report/panel';
import type { ServerRequests } from './serverRequests';
import { told } from './told';

const title = 'Slipstream: Run Benchmark';

/** Asks what to measure, measures it with progress that can be cancelled, and shows the report. */
export const runBenchmark = told(async (server: ServerRequests, extensionUri: vscode.Uri) => {
  const params = await askWhatToMeasure(await server.benchSuites());
  if (params === undefined) return;
  const answer = await measure(server, params);
  if (answer.reports.length > 0) showReport(answer, extensionUri);
});

/** Undefined where it was dismissed. */
async function askWhatToMeasure(suites: readonly BenchSuite[]): Promise<BenchParams | undefined> {
  const rows = suites.map((suite) => ({
    label: suite.name,
    detail: suite.description,
    picked: suite.proposed,
    suite,
  }));
  const placeHolder = 'What to measure, on this machine, with the current model and device';
  const chosen = await vscode.window.showQuickPick(rows, { title, placeHolder, canPickMany: true });
  if (chosen === undefined || chosen.length === 0) return undefined;
  const params = { suites: chosen.map(({ suite }) => suite.name) };
  if (!hasLocalFolder() || !chosen.some(({ suite }) => suite.usesFiles)) return params;
  const files = await askForFiles();
  return files && { ...params, files };
}

/** The server reads files itself, and only this machine's. */
const hasLocalFolder = () =>
  vscode.workspace.workspaceFolders?.some(({ uri }) => uri.scheme === 'file') === true;

async function askForFiles(): Promise<BenchParams['files']> {
  const rows = [
    { label: 'Built-in text', detail: 'The same for everybody', files: 'built-in' },
    {
      label: "This workspace's files",
      detail:
        'Copies of them are edited in memory; the files stay as they are, and nothing leaves this machine',
      files: 'workspace',
    },
  ] as const;
  const chosen = await vscode.window.showQuickPick(rows, { title, placeHolder: 'Which source text to edit' });
  return chosen?.files;
}

function measure(server: ServerRequests, params: BenchParams): Thenable<BenchAnswer> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: 'Slipstream benchmark',
    cancellable: true,
  };
  return vscode.window.withProgress(options, (progress, token) =>
    server.runBench(params, reporterOf(progress), token),
  );
}

import path from 'node:path';
import { runBench, selectSuites } from '../bench/index';
import { modelDirectory } from '../engine/options';
import { cacheDirectory } from '../paths';

/** Runs benchmark suites and prints their tables; `json` also writes the reports to a file. */
export async function bench(
  names: readonly string[],
  { json, model }: { json?: string; model?: string },
): Promise<void> {
  const options = {
    root: path.resolve(__dirname, '..'),
    cacheDirectory: cacheDirectory(),
    progress: (line: string) => {
      if (process.stderr.isTTY) process.stderr.write(`${line}\n`);
    },
    ...(model === undefined ? {} : { modelDirectory: modelDirectory(model, process.cwd()) }),
  };
  const print = (text: string) => void process.stdout.write(`${text}\n`);
  await runBench(selectSuites(names), options, { print, jsonFile: json });
}

import path from 'node:path';
import { Argument, type Command } from 'commander';
import { modelDirectory } from '../engine/options';
import { cacheDirectory, defaultModelDirectory } from '../paths';
import { selectSuites, suiteNames } from './names';

interface BenchFlags {
  readonly json?: string;
  readonly model?: string;
}

/** `bench <suite...|all> [--json FILE]`; the suites themselves are loaded when one is run. */
export function addBench(program: Command): void {
  program
    .command('bench')
    .description('measure this machine, side by side with llama.cpp where a checkout has it')
    .addArgument(new Argument('<suite...>').choices([...suiteNames, 'all']))
    .option('--json <FILE>', 'also write the reports as JSON')
    .option('--model <DIR>', 'measure only this model: its folder, or its name')
    .action(async (names: string[], { json, model }: BenchFlags) => {
      const { runBench } = await import('./index');
      const options = {
        root: path.resolve(defaultModelDirectory(), '..', '..'),
        cacheDirectory: cacheDirectory(),
        progress: (line: string) => void process.stderr.write(`${line}\n`),
        ...(model === undefined ? {} : { modelDirectory: modelDirectory(model, process.cwd()) }),
      };
      await runBench(selectSuites(names), options, {
        print: (text) => void process.stdout.write(`${text}\n`),
        jsonFile: json,
      });
    });
}

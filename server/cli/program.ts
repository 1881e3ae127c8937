import { Argument, Command, CommanderError, Option } from 'commander';
import { version } from '../../package.json';
import { monitorLanguages, shapeNames, suiteNames } from '../bench/names';
import type { BenchFlags } from './bench';
import type { DownloadFlags } from './downloadModel';
import { exitCode, failureLine } from './failure';
import {
  devices,
  type EngineFlags,
  parseCount,
  parseOneOf,
  parseSeed,
  precisions,
  withEngineOptions,
} from './options';
import { parseTarget, type Target } from './target';
import type { TraceFlag } from './traceFile';

/**
 * Runs one command line and returns its exit code. Each command is loaded when it is called: what
 * others need would only make the first completion later.
 * @param unread aborts when nobody reads the output any more, which ends the work but is no failure
 */
export async function run(
  argv: readonly string[],
  unread: AbortSignal = new AbortController().signal,
): Promise<number> {
  const interrupt = new AbortController();
  const onInterrupt = () => {
    // The second time, somebody does not want to wait for the forward pass to end.
    if (interrupt.signal.aborted) process.exit(exitCode.interrupted);
    interrupt.abort();
  };
  const interrupted = () => (unread.aborted ? exitCode.success : exitCode.interrupted);
  process.on('SIGINT', onInterrupt);
  unread.addEventListener('abort', () => interrupt.abort());
  try {
    await createProgram(interrupt.signal).parseAsync([...argv]);
    return interrupt.signal.aborted ? interrupted() : exitCode.success;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.success : exitCode.usage;
    if (interrupt.signal.aborted) return interrupted();
    process.stderr.write(`${failureLine(error)}\n`);
    return exitCode.failure;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

function createProgram(signal: AbortSignal): Command {
  const program = new Command('slipstream')
    .description('Inline code completion that runs entirely on your own machine.')
    .version(version)
    .exitOverride()
    .showSuggestionAfterError(false);

  withEngineOptions(program.command('complete'))
    .description('complete at a place of a file')
    .argument('<file:line:column>', 'counted from 1', parseTarget)
    .option('--trace <FILE>', 'also write what it was made of to a file.slipstream-trace')
    .action(async (target: Target, flags: EngineFlags & TraceFlag) => {
      const { complete } = await import('./complete');
      await complete(target, flags, signal);
    });

  withEngineOptions(program.command('replay'))
    .description('play a recorded editing session and print one result per completion')
    .argument('<trace.jsonl>')
    .action(async (file: string, flags: EngineFlags) => {
      const { replay } = await import('./replay');
      await replay(file, flags, signal);
    });

  const evaluation = program.command('eval').description('measure quality');
  withEngineOptions(evaluation.command('lines'))
    .description('complete the rest of sampled lines of the source files in a folder')
    .argument('<folder>')
    .option('--n <N>', 'number of lines', parseCount, 500)
    .option('--seed <N>', 'which lines', parseSeed, 1)
    .action(async (folder: string, flags: EngineFlags & { n: number; seed: number }) => {
      const { evalLines } = await import('./evalLines');
      await evalLines(folder, flags, signal);
    });

  withEngineOptions(evaluation.command('filters'))
    .description('count what post-processing mends in completions of the source files in folders')
    .argument('<folder...>')
    .option('--n <N>', 'number of places', parseCount, 500)
    .option('--seed <N>', 'which places', parseSeed, 1)
    .option('--show', 'also print each completion that had something wrong')
    .action(async (folders: string[], flags: EngineFlags & { n: number; seed: number; show?: boolean }) => {
      const { evalFilters } = await import('./evalFilters');
      await evalFilters(folders, flags, signal);
    });

  withEngineOptions(program.command('calibrate'))
    .description('learn from the source files in folders when the model is unsure')
    .argument('<folder...>')
    .option('--n <N>', 'number of places', parseCount, 600)
    .option('--seed <N>', 'which places', parseSeed, 1)
    .action(async (folders: string[], flags: EngineFlags & { n: number; seed: number }) => {
      const { calibrate } = await import('./calibrate');
      await calibrate(folders, flags, signal);
    });

  program
    .command('bench')
    .description('measure speed side by side with a baseline')
    .addArgument(new Argument('<suite...>').choices([...suiteNames, 'all']))
    .option('--model <DIR>', 'only this model')
    .option('--device <device>', devices.join('|'), parseOneOf(devices))
    .option('--precision <precision>', precisions.join('|'), parseOneOf(precisions))
    .addOption(
      new Option(
        '--shapes <shape...>',
        'random weights in these shapes of Qwen2.5-Coder (device, decode)',
      ).choices(shapeNames),
    )
    .option('--seconds <N>', 'most time of a suite that can end early', parseCount)
    .option('--files <DIR...>', 'source to edit in place of the built-in text')
    .addOption(
      new Option('--languages <language...>', 'of the suite monitor, only these').choices(monitorLanguages),
    )
    .option('--json <FILE>', 'also write the reports to a file')
    .option('--markdown <FILE>', 'also write the reports to a file as Markdown')
    .action(async (suites: string[], flags: BenchFlags) => {
      const { bench } = await import('./bench');
      await bench(suites, flags, signal);
    });

  addModels(program.command('models').description('the models that can be chosen'), signal);
  return program;
}

function addModels(models: Command, signal: AbortSignal): void {
  models
    .command('list')
    .description('the shipped model, the added and the downloaded ones, and those that are known to work')
    .action(async () => (await import('./models')).list());
  models
    .command('download')
    .description(
      'download a model from the hub, after its size and licence were shown; goes on where it stopped',
    )
    .argument('<model>', 'owner/name, or the name of a listed one')
    .option('--revision <revision>', 'branch, tag or commit')
    .option('-y, --yes', 'do not ask')
    .action(async (model: string, flags: DownloadFlags) =>
      (await import('./downloadModel')).download(model, flags, signal),
    );
  models
    .command('add')
    .description('verify a folder and give it a name')
    .argument('<folder>')
    .option('--name <name>', "another name than the folder's")
    .action(async (folder: string, { name }: { name?: string }) =>
      (await import('./models')).add(folder, name, signal),
    );
  models
    .command('verify')
    .description('check the files of a downloaded model, and load a model completely')
    .argument('[model]', 'name or folder', 'default')
    .action(async (model: string) => (await import('./models')).verify(model, signal));
  models
    .command('remove')
    .description('forget the name of a model; the files of a downloaded one are deleted, others stay')
    .argument('<name>')
    .option('-y, --yes', 'do not ask')
    .action(async (name: string, { yes }: { yes?: boolean }) =>
      (await import('./models')).remove(name, yes === true, signal),
    );
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type LspClient, startLspClient } from './lspClient';
import { median, sleep } from './measure';
import { residentMemory } from './memory';
import { type BenchRow, machine, row } from './report';
import { endsWithUs, withScratch } from './scratch';
import type { BenchOptions, Suite } from './suite';

const source = `export function add(a: number, b: number): number {\n  return `;
const position = { line: 1, character: 9 };
const starts = 7;

/** How long a person waits for the first completion, and what the server weighs. */
export const startupSuite: Suite = async (options) => {
  const folder = await mkdtemp(join(tmpdir(), 'slipstream-startup-'));
  return withScratch(folder, async () => {
    const file = join(folder, 'add.ts');
    await writeFile(file, source);
    const cacheDirectory = join(folder, 'cache');
    options.progress('first start, with an empty cache');
    const firstMs = await completeOnce(options, file, cacheDirectory, ['--without', 'monitor']);
    options.progress(`${starts} starts`);
    const warm: number[] = [];
    for (let i = 0; i < starts; i++) {
      await sleep(200);
      warm.push(await completeOnce(options, file, cacheDirectory, ['--without', 'monitor']));
    }
    options.progress('with type monitors');
    const monitoredMs = await completeOnce(options, file, cacheDirectory, []);
    options.progress('memory of the server');
    return {
      suite: 'startup',
      machine: machine(),
      rows: [
        row('process start to first completion', median(warm), 'ms', { goal: 1500 }),
        row('the same with the model not prepared yet', firstMs, 'ms'),
        row('the same with type monitors, waiting for the project to be read', monitoredMs, 'ms'),
        ...(await serverMemory(options, file, cacheDirectory)),
      ],
      notes: [
        `Start: median of ${starts} runs of \`node dist/cli.js complete\` in fresh processes, from spawn to its answer, files warm in the disk cache.`,
        'Memory: the language server process with its workers, after its first completion.',
      ],
    };
  });
};

async function completeOnce(
  options: BenchOptions,
  file: string,
  cacheDirectory: string,
  flags: readonly string[],
): Promise<number> {
  const place = `${file}:${position.line + 1}:${position.character + 1}`;
  const model = options.modelDirectory === undefined ? [] : ['--model', options.modelDirectory];
  const start = performance.now();
  const child = spawn(
    process.execPath,
    [join(options.root, 'dist', 'cli.js'), 'complete', place, '--json', ...model, ...flags],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, SLIPSTREAM_CACHE_DIR: cacheDirectory },
    },
  );
  endsWithUs(child);
  let answeredMs = Number.NaN;
  child.stdout.once('data', () => {
    answeredMs = performance.now() - start;
  });
  const [code] = await once(child, 'close');
  if (code !== 0 || Number.isNaN(answeredMs))
    throw new Error(`\`complete ${place}\` ended with code ${code}.`);
  return answeredMs;
}

/** Of the server of one window, and of a second window's, which shares its engine. */
async function serverMemory(
  options: BenchOptions,
  file: string,
  cacheDirectory: string,
): Promise<BenchRow[]> {
  const uri = pathToFileURL(file).href;
  const sharedIn = join(dirname(file), 'shared');
  const clients: LspClient[] = [];
  const used = async () => {
    const { root, modelDirectory: model = '' } = options;
    const client = await startLspClient({ root, cacheDirectory, model, sharedIn });
    clients.push(client);
    await client.open(uri, 'typescript', source);
    await client.complete(uri, position);
    return residentMemory(client.pid);
  };
  try {
    const { nowMiB, peakMiB } = await used();
    const second = await used();
    return [
      row('resident memory of the server', nowMiB, 'MiB', { goal: 400 }),
      ...(peakMiB === undefined ? [] : [row('its peak', peakMiB, 'MiB')]),
      row("resident memory of a second window's server, which shares the engine", second.nowMiB, 'MiB'),
    ];
  } finally {
    for (const client of clients) await client.stop();
  }
}

import { SlipstreamError } from '../../engine/index';
import { functionsOf } from './copy/tasks';
import { startLspClient } from './lspClient';
import { type BenchReport, machine, row } from './report';
import { differing, type SoakPlan, soak } from './soak/run';
import { mean } from './statistics';
import type { BenchOptions, Suite } from './suite';
import { languageOf, type SampleDocument, traceSources } from './traces/sources';

const plan: SoakPlan = { edits: 20_000, samples: 200, readings: 100, longest: 900, seed: 1 };
const documents = 4;
const mostGrowth = 1.05;
/** So that thousands of requests end in minutes. */
const maxTokens = 4;

/** Thousands of random edits and requests against one server: its memory, and whether its answers stay right. */
export const soakSuite: Suite = (options) => runSoak(options, plan);

export async function runSoak(options: BenchOptions, soakPlan: SoakPlan): Promise<BenchReport> {
  const start = () =>
    startLspClient({
      root: options.root,
      cacheDirectory: options.cacheDirectory,
      model: options.modelDirectory ?? '',
      // Each answer is to be computed, and compared with a fresh server's.
      settings: { maxTokens, without: ['type-through'] },
      deadlineMs: 60_000,
    });
  const opened = sources(options);
  if (opened.length === 0)
    throw new SlipstreamError(
      'request-invalid',
      'Cannot edit functions at random, because the source has none whose bodies stand in braces; choose other folders, or the built-in text.',
    );
  const client = await start();
  const started = performance.now();
  const { samples, memory, requests } = await soak(client, opened, soakPlan, (edit) =>
    options.progress(`edit ${edit} of ${soakPlan.edits}`),
  ).finally(() => client.stop());
  const minutes = (performance.now() - started) / 60_000;
  const fresh = await start();
  options.progress(`${samples.length} points in a fresh server`);
  const different = await differing(fresh, samples).finally(() => fresh.stop());
  const quarter = memory.length / 4;
  const settled = mean(memory.slice(quarter, 2 * quarter));
  return {
    suite: 'soak',
    machine: machine(),
    rows: [
      row('answers that differ from a fresh server', different, `of ${samples.length}`, { goal: 0 }),
      row(
        'answers at these points that show something',
        samples.filter(({ answer }) => answer.length > 0).length,
        `of ${samples.length}`,
      ),
      row('memory of the server, last quarter against the second', mean(memory.slice(3 * quarter)), 'MiB', {
        baseline: settled,
        goal: mostGrowth,
      }),
      row('edits and requests', requests / minutes, 'per minute'),
    ],
    charts: [
      {
        title: 'Resident memory of the server',
        kind: 'line',
        unit: 'MiB',
        axis: 'edits',
        labels: memory.map((_, i) => String((i + 1) * Math.floor(soakPlan.edits / soakPlan.readings))),
        series: [{ name: 'server', values: memory }],
      },
    ],
    notes: [
      `${soakPlan.edits} random edits of ${documents} documents in one server process over LSP, a request after each, a tenth of them overtaken by the next edit; documents are closed and opened again at times.`,
      `At ${samples.length} points the cache is refreshed and the answer compared with that of a server that sees the text for the first time.`,
    ],
  };
}

/** Documents of one function each, which fit the prompt of any model as a whole. */
function sources(options: BenchOptions): SampleDocument[] {
  const files = traceSources(options.root, options.sources);
  const parts = files.flatMap((file) => functionsOf(file.text).map((text) => ({ ...file, text })));
  const chosen = Array.from(
    { length: documents },
    (_, i) => parts[Math.floor((i * parts.length) / documents)],
  );
  return chosen.flatMap((file, i) =>
    file === undefined
      ? []
      : [
          {
            uri: `file:///slipstream-bench/soak-${i}`,
            languageId: languageOf(file.path),
            text: file.text,
            donor: files.find(({ path }) => path === file.path)?.text ?? file.text,
          },
        ],
  );
}

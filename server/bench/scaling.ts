import { join } from 'node:path';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Prompt } from '../../engine/prompt';
import { loadModel } from '../../engine/runtime/load';
import { median, sleep } from './measure';
import { residentMemory } from './memory';
import { type OurContender, ourContender } from './replay/ours';
import { replayRequest } from './replay/request';
import { type BenchRow, machine, row } from './report';
import type { Suite } from './suite';
import { generateTrace } from './traces/generate';
import { sampleDocuments, traceSources } from './traces/sources';
import { widened } from './wide';

const sizes = [512, 1024, 2048, 4096, 8192] as const;
/** Room for the completion and for what is typed. */
const room = 192;
const steps = 14;
const threads = 2;
const modes = ['pie', 'recompute'] as const;
type Mode = (typeof modes)[number];

/** Time and memory of a request as the context grows: edits of the same kinds in documents of each size. */
export const scalingSuite: Suite = async (options) => {
  const own = options.modelDirectory ?? join(options.root, 'models', 'default');
  const largest = sizes.at(-1) as number;
  const model = await loadModel({
    modelDirectory: await widened(own, largest, options.cacheDirectory),
    device: 'cpu',
    precision: 'int8',
    threads,
    cacheDirectory: options.cacheDirectory,
  });
  const files = traceSources(options.root, options.sources);
  const countTokens = (text: string) => model.tokenizer.encode(text).length;
  const times: Record<Mode, number[]> = { pie: [], recompute: [] };
  const cacheMiB: number[] = [];
  const residentMiB: number[] = [];
  const rows: BenchRow[] = [];
  try {
    for (const size of sizes) {
      const [source] = sampleDocuments(files, 1, size - room, countTokens);
      if (source === undefined) continue;
      options.progress(`${size} tokens`);
      const trace = generateTrace(source, 3, steps);
      const contenders: Record<Mode, OurContender> = {
        pie: ourContender(model, 'pie'),
        recompute: ourContender(model, 'recompute'),
      };
      const taken: Record<Mode, number[]> = { pie: [], recompute: [] };
      const document = TextDocument.create(trace.uri, trace.languageId, 1, trace.text);
      let previous: Prompt | undefined;
      for (const [i, { changes, caret }] of trace.steps.entries()) {
        for (const change of changes) TextDocument.update(document, [...change], document.version + 1);
        const request = replayRequest(model, document, caret, size, previous);
        previous = request.prompt;
        for (const mode of i % 2 === 0 ? modes : [...modes].reverse()) {
          await sleep(15);
          const { firstMs } = await contenders[mode].answer(request);
          if (i > 0) taken[mode].push(firstMs);
        }
      }
      for (const mode of modes) times[mode].push(median(taken[mode]));
      cacheMiB.push(contenders.pie.bytes() / 2 ** 20);
      residentMiB.push(residentMemory(process.pid).nowMiB);
      rows.push(
        row(
          `${size} tokens: edit to first new token, median, pie against recompute`,
          median(taken.pie),
          'ms',
          {
            baseline: median(taken.recompute),
          },
        ),
        row(`${size} tokens: KV cache of the document`, cacheMiB.at(-1) ?? 0, 'MiB'),
        row(`${size} tokens: memory of the process`, residentMiB.at(-1) ?? 0, 'MiB'),
      );
    }
  } finally {
    await model.decoder.release();
  }
  const labels = sizes.slice(0, times.pie.length).map(String);
  const axis = 'tokens of context';
  return {
    suite: 'scaling',
    machine: machine(),
    rows,
    charts: [
      {
        title: 'Edit to first new token, median',
        kind: 'line',
        unit: 'ms',
        axis,
        labels,
        series: modes.map((name) => ({ name, values: times[name] })),
      },
      {
        title: 'Memory',
        kind: 'line',
        unit: 'MiB',
        axis,
        labels,
        series: [
          { name: 'KV cache of the document', values: cacheMiB },
          { name: 'process', values: residentMiB },
        ],
      },
    ],
    notes: [
      `${steps - 1} edits in a document of each size: typing, and edits elsewhere; ${threads} threads. Both ways get the same prompts, in turns.`,
      'The weights are those of the default model with a context of 8,192: it shows times and memory, not the text.',
      'The process holds the weights, the tokenizer, and two caches of each size that came before until they are collected.',
    ],
  };
};

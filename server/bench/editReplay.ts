import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { loadModel } from '../../engine/runtime/load';
import { placed } from './device/placement';
import { makeGguf } from './gguf';
import { hasHeldOutSource } from './heldOut';
import { loadPeer, peerMissing } from './peer';
import { heldOutWindows, perplexity } from './perplexity';
import { llamaContender } from './replay/llama';
import { type Played, play } from './replay/play';
import { agreementRows, kindRows, llamaRows, replayCharts, speedRows, workRows } from './replay/rows';
import { type BenchRow, machine, row } from './report';
import { type BenchOptions, isOver, type Suite } from './suite';
import { type EditTrace, generateTrace, traceEvents } from './traces/generate';
import { sampleDocuments, traceSources } from './traces/sources';
import { widened } from './wide';

const contextTokens = 2048;
/** Of a document at first: with what is typed and pasted it fills the prompt, and its window moves at times. */
const documentTokens = 1880;
const documents = 5;
const stepsPerDocument = 44;
/** The same for both engines; all that small machines have. */
const threads = 2;

const rounding =
  'On a GPU a row differs by some 1e-6 with the rows that are computed with it, so that at a near tie a completion may differ from a full computation with an exact cache as well.';

/**
 * Sessions of editing, request by request: what an edit costs with each way to reuse the cache, how far the answers are from
 * those of a full computation, and llama.cpp on the same weights and the same prompts, in turns.
 */
export const editReplaySuite: Suite = async (options) => {
  const own = options.modelDirectory ?? join(options.root, 'models', 'default');
  const wide = await widened(own, contextTokens, options.cacheDirectory);
  const { notes, ...place } = await placed(wide, options);
  const { cacheDirectory } = options;
  const model = await loadModel({ modelDirectory: wide, threads, cacheDirectory, ...place });
  const isCompared = place.device === 'cpu' && place.precision === 'int8';
  const peer = isCompared ? await loadPeer(options.root, cacheDirectory) : undefined;
  const ggufPath = peer && makeGguf(peer, wide, options, `replay-${basename(wide)}`);
  try {
    const files = traceSources(options.root, options.sources);
    const samples = sampleDocuments(
      files,
      documents,
      documentTokens,
      (text) => model.tokenizer.encode(text).length,
    );
    const traces = samples.map((source, i) => generateTrace(source, i + 1, stepsPerDocument));
    const folder = await writeTraces(traces, options.cacheDirectory);
    const played: Played[] = [];
    for (const [i, trace] of traces.entries()) {
      if (played.length > 0 && isOver(options)) break;
      const llama =
        ggufPath === undefined
          ? undefined
          : await peer?.loadLlama({ ggufPath, threads, contextTokens: contextTokens + 64, kvType: 'F16' });
      const contender = llama && llamaContender(llama);
      let step = 0;
      const onStep = () =>
        options.progress(`document ${i + 1} of ${traces.length}, request ${++step} of ${trace.steps.length}`);
      played.push(...(await play(model, contextTokens, trace, contender, onStep, () => isOver(options))));
      await llama?.release();
    }
    return {
      suite: 'edit-replay',
      machine: machine(),
      // Of the kinds of edits that there was no time for nothing is known.
      rows: [
        ...speedRows(played),
        ...workRows(played),
        ...agreementRows(played),
        ...llamaRows(played),
        ...kindRows(played),
        ...(wide === own || place.device !== 'cpu' ? [] : await perplexityRows(own, wide, options)),
      ],
      charts: replayCharts(played),
      notes: [
        ...notes,
        `${played.length} requests in documents of ${documentTokens} tokens and more, context ${contextTokens}, ${threads} threads of the processor; a trace is the same in every run, and all of them are ${traces.reduce((sum, { steps }) => sum + steps.length - 1, 0)} requests.`,
        'Time from the edit: window and tokens of the prompt, edit plan, prefill and decoding; all contenders get the same prompt, in turns. Completions end as in the product.',
        ...(place.device === 'cpu' ? [] : [rounding]),
        peer
          ? 'llama.cpp: Q8_0 weights, F16 cache, its default attention, through node-llama-cpp; it keeps the prefix that its sequence and the prompt share, and decodes greedily as many tokens as recompute gave.'
          : isCompared
            ? peerMissing
            : 'llama.cpp takes no part: it has 8-bit weights on the processor here.',
        '"pie" never refreshes here, as if nobody ever paused; "with refresh in between" does so, untimed, after each answer.',
        `The traces, for \`slipstream replay\`: ${folder}`,
        ...(wide === own
          ? []
          : [
              "The model's own context is shorter: the same weights with their RoPE scaled (Llama 3's rule).",
            ]),
      ],
    };
  } finally {
    await model.decoder.release();
  }
};

async function writeTraces(traces: readonly EditTrace[], cacheDirectory: string): Promise<string> {
  const folder = join(cacheDirectory, 'bench', 'traces');
  await mkdir(folder, { recursive: true });
  for (const [i, trace] of traces.entries()) {
    const lines = traceEvents(trace).map((event) => `${JSON.stringify(event)}\n`);
    await writeFile(join(folder, `${i + 1}.jsonl`), lines.join(''));
  }
  return folder;
}

/** What the longer context does to the model: the same text in windows of its own length and of the longer one. */
async function perplexityRows(own: string, wide: string, options: BenchOptions): Promise<BenchRow[]> {
  if (!hasHeldOutSource(options.root)) return [];
  options.progress('perplexity of the longer context');
  const long = (await heldOutWindows(options.root, own, contextTokens, contextTokens)).slice(0, 4);
  const measure = async (directory: string, windows: readonly number[][], first: number) => {
    const { decoder } = await loadModel({
      modelDirectory: directory,
      device: 'cpu',
      precision: 'int8',
      threads,
      cacheDirectory: options.cacheDirectory,
    });
    const limited = windows.flatMap((window) =>
      cut(window, Math.min(decoder.config.maxPositions, contextTokens)),
    );
    const value = await perplexity(decoder, limited, first);
    await decoder.release();
    return value;
  };
  const baseline = await measure(own, long, 1);
  return [
    row(
      `perplexity at ${contextTokens} positions, against windows of the model's own length`,
      await measure(wide, long, 1),
      'per token',
      { baseline },
    ),
  ];
}

function cut(window: readonly number[], size: number): number[][] {
  const parts = Math.ceil(window.length / size);
  return Array.from({ length: parts }, (_, i) => window.slice(i * size, (i + 1) * size));
}

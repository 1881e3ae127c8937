import { join } from 'node:path';
import { startMemoryReader } from './bandwidth';
import { argmax, type Decoder, loadDecoder, matrixElements, prefill } from './engine';
import { makeGguf } from './gguf';
import { interleave, type Sampler, timed } from './measure';
import { loadPeer, type Peer, peerMissing } from './peer';
import { productTimes } from './product';
import { randomModel, randomModelName } from './randomModel';
import { type BenchRow, machine, row } from './report';
import type { BenchOptions, Suite } from './suite';

const context = 1000;
const prompt = 512;
const batch = 16;
/** Decode steps in a row before the other engine's turn. */
const burst = 6;
const threadCounts = [1, 2];

/**
 * Decode, prefill and 16 rows at once: our int8 and llama.cpp's Q8_0 on the same weights with the same threads,
 * in turns. Both pick the likeliest token within the time.
 */
export const decodeSuite: Suite = async (options) => {
  const peer = await loadPeer(options.root, options.cacheDirectory);
  const rows: BenchRow[] = [];
  for (const model of await models(options)) {
    const gguf = peer && makeGguf(peer, model.directory, options, model.label);
    for (const threads of threadCounts) {
      options.progress(`${model.label}, ${threads} threads`);
      rows.push(...(await measure(model, threads, options, peer, gguf)));
    }
  }
  for (const threads of threadCounts) {
    const { oneMs, manyMs } = await productTimes(batch, threads);
    const title = `one int8 product of 896 x 4864, ${threads} thread${threads === 1 ? '' : 's'}: ${batch} rows, against 1 row`;
    rows.push(row(title, manyMs, 'ms', { baseline: oneMs }));
  }
  return {
    suite: 'decode',
    machine: machine(),
    rows,
    notes: [
      peer
        ? 'Baseline "llama.cpp": Q8_0 weights, F16 cache, its default attention, through node-llama-cpp.'
        : peerMissing,
      'Baseline "one read": the int8 weights at the speed at which as many threads stream a 512 MiB buffer (memchr), measured in the same turns.',
      `Models and GGUF files made for this stay in ${join(options.cacheDirectory, 'bench')}.`,
      'Our prefill runs in the chunks that a completion uses; files are warm in the disk cache.',
    ],
  };
};

interface BenchModel {
  readonly label: string;
  readonly directory: string;
  /** The goal for a decode step against one read of the weights: small models live in the CPU's own caches. */
  readonly readGoal?: number;
  /** Turns: fewer where each takes seconds. */
  readonly rounds: number;
  readonly prefillRounds: number;
}

async function models({
  root,
  modelDirectory,
  cacheDirectory,
  progress,
}: BenchOptions): Promise<BenchModel[]> {
  if (modelDirectory !== undefined) {
    return [{ label: 'model', directory: modelDirectory, rounds: 8, prefillRounds: 3 }];
  }
  progress(`writing ${randomModelName} under ${cacheDirectory} if not there yet`);
  return [
    { label: 'default', directory: join(root, 'models', 'default'), rounds: 20, prefillRounds: 10 },
    {
      label: '0.5B shape',
      directory: await randomModel(cacheDirectory),
      rounds: 5,
      prefillRounds: 2,
      readGoal: 1.5,
    },
  ];
}

async function measure(
  { label, directory, rounds, prefillRounds, readGoal }: BenchModel,
  threads: number,
  options: BenchOptions,
  peer: Peer | undefined,
  ggufPath: string | undefined,
): Promise<BenchRow[]> {
  const load = () =>
    loadDecoder({
      modelDirectory: directory,
      device: 'cpu',
      precision: 'int8',
      threads,
      cacheDirectory: options.cacheDirectory,
    });
  await (await load()).release(); // Builds the cached graph where there is none yet.
  const { ms: loadMs, result: decoder } = await timed(load);
  const llama =
    ggufPath === undefined
      ? undefined
      : await peer?.loadLlama({ ggufPath, threads, contextTokens: 2048, kvType: 'F16' });
  const memory = await startMemoryReader(threads);

  const ours = await ourSamplers(decoder);
  const theirs = llama ? await llamaSamplers(llama, decoder.config.vocabSize) : undefined;
  const readMemory: Sampler = async () => [(await timed(() => memory.read())).ms];
  const steps = await interleave(
    new Map<string, Sampler>([
      ['decode', ours.decode],
      ...(theirs ? [['llama decode', theirs.decode] as const] : []),
      ['one row', ours.oneRow],
      ['batch', ours.batch],
      ['memory', readMemory],
    ]),
    rounds,
  );
  const prefills = await interleave(
    new Map<string, Sampler>([
      ['prefill', ours.prefill],
      ...(theirs ? [['llama prefill', theirs.prefill] as const] : []),
    ]),
    prefillRounds,
  );
  await memory.release();
  await llama?.release();
  await decoder.release();

  const value = (name: string) => steps.get(name) ?? prefills.get(name) ?? Number.NaN;
  const baseline = (name: string) => steps.get(name) ?? prefills.get(name);
  const readMs = (value('memory') * matrixElements(decoder)) / memory.bytes;
  const title = (what: string) => `${label}, ${threads} thread${threads === 1 ? '' : 's'}: ${what}`;
  return [
    row(title(`decode at ${context}, against llama.cpp`), value('decode'), 'ms', {
      baseline: baseline('llama decode'),
      goal: theirs && 1,
    }),
    row(title(`decode at ${context}, against one read`), value('decode'), 'ms', {
      baseline: readMs,
      goal: readGoal,
    }),
    row(title(`prefill ${prompt}, against llama.cpp`), value('prefill'), 'ms', {
      baseline: baseline('llama prefill'),
      goal: theirs && 0.8,
    }),
    row(title(`${batch} rows at ${context}, against 1 row`), value('batch'), 'ms', {
      baseline: value('one row'),
      goal: 2,
    }),
    row(title('load from the disk cache'), loadMs, 'ms', { goal: 5000 }),
    ...(llama ? [row(title('load, llama.cpp (for comparison)'), llama.loadMs, 'ms')] : []),
    row(title('memory bandwidth'), memory.bytes / value('memory') / 1e6, 'GB/s'),
  ];
}

/** Token ids without a pattern, the same for both engines. */
function tokens(count: number, vocabSize: number): number[] {
  return Array.from({ length: count }, (_, i) => (i * 7919 + 13) % (vocabSize - 300));
}

async function ourSamplers(decoder: Decoder) {
  const { vocabSize } = decoder.config;
  const cache = decoder.newCache();
  const empty = decoder.newCache();
  await prefill(decoder, cache, tokens(context, vocabSize));
  /** Forward passes of some rows behind the context, each with the logits of all of them. */
  const forward =
    (rows: number, then: (logits: Float32Array) => void): Sampler =>
    async () => {
      const samples: number[] = [];
      for (let i = 0; i < burst; i++) {
        const pass = async () =>
          then(await decoder.forward(cache, tokens(rows, vocabSize), { logits: rows }));
        samples.push((await timed(pass)).ms);
        cache.truncate(context);
      }
      return samples;
    };
  const prefillPrompt: Sampler = async () => {
    const { ms } = await timed(async () => argmax(await prefill(decoder, empty, tokens(prompt, vocabSize))));
    empty.truncate(0);
    return [ms];
  };
  return {
    decode: forward(1, argmax),
    oneRow: forward(1, () => {}),
    batch: forward(batch, () => {}),
    prefill: prefillPrompt,
  };
}

async function llamaSamplers(llama: Awaited<ReturnType<Peer['loadLlama']>>, vocabSize: number) {
  let held = 0;
  /** Brings the cache to `rows` rows of prompt without counting it. */
  const hold = async (rows: number) => {
    if (held < rows) {
      await llama.truncate(0);
      await llama.encode(tokens(rows, vocabSize));
    }
    await llama.truncate(rows);
    held = rows;
  };
  const decode: Sampler = async () => {
    await hold(context);
    const samples: number[] = [];
    for (let i = 0; i < burst; i++) {
      samples.push((await timed(() => llama.encode(tokens(1, vocabSize)))).ms);
      await llama.truncate(context);
    }
    return samples;
  };
  const prefillPrompt: Sampler = async () => {
    await hold(0);
    return [(await timed(() => llama.encode(tokens(prompt, vocabSize)))).ms];
  };
  return { decode, prefill: prefillPrompt };
}

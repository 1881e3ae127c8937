import { join } from 'node:path';
import { startMemoryReader } from './bandwidth';
import { type BenchModel, benchModels } from './decode/models';
import { batch, context, llamaSamplers, ourSamplers, prompt } from './decode/samplers';
import { type Placement, placed } from './device/placement';
import { startDeviceReader } from './device/streaming';
import { bytesOfStep, loadDecoder } from './engine';
import { makeGguf } from './gguf';
import { interleave, type Sampler, timed } from './measure';
import { loadPeer, type Peer, peerMissing } from './peer';
import { productTimes } from './product';
import { type BenchRow, machine, row } from './report';
import { type BenchOptions, isOver, type Suite } from './suite';

const threadCounts = [1, 2];

/**
 * Decode, prefill and 16 rows at once. On the processor llama.cpp's Q8_0 has the same weights and as many threads, in turns with our
 * int8; both pick the likeliest token within the time.
 */
export const decodeSuite: Suite = async (options) => {
  const onGpu = options.device === 'webgpu';
  const isCompared = !onGpu && (options.precision ?? 'int8') === 'int8';
  const peer = isCompared ? await loadPeer(options.root, options.cacheDirectory) : undefined;
  const rows: BenchRow[] = [];
  const notes = new Set<string>();
  for (const model of await benchModels(options)) {
    const gguf = peer && makeGguf(peer, model.directory, options, model.label);
    const place = await placed(model.directory, options);
    for (const note of place.notes) notes.add(note);
    for (const threads of onGpu ? [0] : threadCounts) {
      if (isOver(options)) continue;
      options.progress(`${model.label}, ${nameOf(place, threads)}`);
      rows.push(...(await measure(model, place, threads, options, peer, gguf)));
    }
  }
  if (!onGpu) rows.push(...(await productRows()));
  return {
    suite: 'decode',
    machine: machine(),
    rows,
    notes: [...notes, ...notesOf(options, isCompared, peer !== undefined)],
  };
};

const notesOf = ({ device, cacheDirectory }: BenchOptions, isCompared: boolean, hasPeer: boolean) => [
  ...(hasPeer
    ? ['Baseline "llama.cpp": Q8_0 weights, F16 cache, its default attention, through node-llama-cpp.']
    : isCompared
      ? [peerMissing]
      : ['Nothing is compared with llama.cpp, which has 8-bit weights on the processor here.']),
  device === 'webgpu'
    ? 'Baseline "one read": the weights at the speed at which the GPU streams a buffer of 256 MiB, measured in the same turns.'
    : 'Baseline "one read": the weights at the speed at which as many threads stream a 512 MiB buffer (memchr), measured in the same turns.',
  `Models and GGUF files made for this stay in ${join(cacheDirectory, 'bench')}.`,
  'Our prefill runs in the chunks that a completion uses; files are warm in the disk cache.',
];

const nameOf = ({ device }: Placement, threads: number) =>
  device === 'webgpu' ? device : `${threads} thread${threads === 1 ? '' : 's'}`;

async function productRows(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const threads of threadCounts) {
    const { oneMs, manyMs } = await productTimes(batch, threads);
    const title = `one int8 product of 896 x 4864, ${threads} thread${threads === 1 ? '' : 's'}: ${batch} rows, against 1 row`;
    rows.push(row(title, manyMs, 'ms', { baseline: oneMs }));
  }
  return rows;
}

async function measure(
  { label, directory, rounds, prefillRounds, readGoal }: BenchModel,
  place: Placement,
  threads: number,
  options: BenchOptions,
  peer: Peer | undefined,
  ggufPath: string | undefined,
): Promise<BenchRow[]> {
  const { cacheDirectory } = options;
  const { device, rowsPerPass, precision } = place;
  const load = () =>
    loadDecoder({ modelDirectory: directory, device, precision, threads, cacheDirectory, rowsPerPass });
  await (await load()).release(); // Builds the cached graph where there is none yet.
  const { ms: loadMs, result: decoder } = await timed(load);
  const llama =
    ggufPath === undefined
      ? undefined
      : await peer?.loadLlama({ ggufPath, threads, contextTokens: 2048, kvType: 'F16' });
  const memory = await (device === 'webgpu' ? startDeviceReader() : startMemoryReader(threads));

  const ours = await ourSamplers(decoder);
  const theirs = llama ? await llamaSamplers(llama, decoder.config.vocabSize) : undefined;
  const readMemory: Sampler = async () => [(await timed(() => memory.read())).ms];
  const over = () => isOver(options);
  const steps = await interleave(
    new Map<string, Sampler>([
      ['decode', ours.decode],
      ...(theirs ? [['llama decode', theirs.decode] as const] : []),
      ['one row', ours.oneRow],
      ['batch', ours.batch],
      ['memory', readMemory],
    ]),
    rounds,
    over,
  );
  const prefills = await interleave(
    new Map<string, Sampler>([
      ['prefill', ours.prefill],
      ...(theirs ? [['llama prefill', theirs.prefill] as const] : []),
    ]),
    prefillRounds,
    over,
  );
  ours.release();
  await memory.release();
  await llama?.release();
  await decoder.release();

  const value = (name: string) => steps.get(name) ?? prefills.get(name) ?? Number.NaN;
  const baseline = (name: string) => steps.get(name) ?? prefills.get(name);
  const readMs = (value('memory') * bytesOfStep(decoder, 0)) / memory.bytes;
  const title = (what: string) => `${label}, ${nameOf(place, threads)}: ${what}`;
  const against = theirs ? ', against llama.cpp' : '';
  const onCpu = device === 'cpu';
  const rows = [
    row(title(`decode at ${context}${against}`), value('decode'), 'ms', {
      baseline: baseline('llama decode'),
      goal: theirs && 1,
    }),
    row(title(`decode at ${context}, against one read`), value('decode'), 'ms', {
      baseline: readMs,
      goal: onCpu && precision === 'int8' ? readGoal : undefined,
    }),
    row(title(`prefill ${prompt}${against}`), value('prefill'), 'ms', {
      baseline: baseline('llama prefill'),
      goal: theirs && 0.8,
    }),
    row(title(`${batch} rows at ${context}, against 1 row`), value('batch'), 'ms', {
      baseline: value('one row'),
      goal: onCpu && precision === 'int8' ? 2 : undefined,
    }),
    row(title('load from the disk cache'), loadMs, 'ms', { goal: onCpu ? 5000 : undefined }),
    ...(llama ? [row(title('load, llama.cpp (for comparison)'), llama.loadMs, 'ms')] : []),
    row(title('memory bandwidth'), memory.bytes / value('memory') / 1e6, 'GB/s'),
  ];
  // There may have been no time for all of it.
  return rows;
}

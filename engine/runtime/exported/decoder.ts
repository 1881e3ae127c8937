import { join } from 'node:path';
import type * as ort from 'onnxruntime-node';
import { KvCache, type KvStorage } from '../../cache/kvCache';
import { createKeyRotation, rotationRefusal } from '../../cache/rotation';
import { predictionOf } from '../../decode/prediction';
import { SlipstreamError } from '../../errors';
import type { ModelConfig } from '../../model/config';
import { createSession } from '../cpu/session';
import { type Decoder, type DecoderOptions, roomInBlock, wholeVocabulary } from '../decoder';
import { forwardInPasses, type Pass } from '../passes';
import { createFeeds } from './feeds';
import { type ExportedGraph, unsupported } from './files';
import { widenHalves } from './half';
import { nameOf } from './names';
import { notesOf } from './notes';
import { type Abilities, selfTest } from './selfTest';
import { readSignature, type Signature } from './signature';
import { createExportedStorage, type Elements, type ExportedStorage } from './storage';

/**
 * A decoder over a graph that somebody else exported, on the processor. What it can do is what its inputs allow and what a
 * short test at loading shows.
 * @throws SlipstreamError device-unavailable, model-unsupported or model-mismatch, saying what the graph lacks
 */
export async function loadExportedDecoder(
  options: DecoderOptions,
  config: ModelConfig,
  graph: ExportedGraph,
): Promise<Decoder> {
  const dir = options.modelDirectory;
  if (options.device === 'webgpu')
    throw new SlipstreamError(
      'device-unavailable',
      `Cannot run ${graph.file} in ${dir} on the GPU because exported graphs run on the processor only; set the device to "auto" or "cpu".`,
    );
  const session = await createSession(join(dir, graph.file), options.threads).catch((cause): never => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw unsupported(
      dir,
      `onnxruntime refuses ${graph.file} (${reason})`,
      'download it again with all files beside it, or take another export of it',
    );
  });
  try {
    const signature = readSignature(session, graph, config, dir);
    const compute = createCompute(session, config, graph, signature);
    const onlyLastLogits = await keepsOnlyLastLogits(session, config, graph, signature);
    const newCache = newCacheOf(config, signature);
    const abilities = await selfTest(compute(roomInBlock), newCache, config, onlyLastLogits);
    if (abilities.failure !== undefined) throw unsupported(dir, `${graph.file} ${abilities.failure}`);
    return createDecoder(session, config, graph, options, signature, compute, {
      ...abilities,
      onlyLastLogits,
    });
  } catch (error) {
    await session.release();
    throw error instanceof SlipstreamError ? error : failed(dir, graph, error);
  }
}

const failed = (dir: string, { file }: ExportedGraph, cause: unknown) =>
  unsupported(dir, `${file} does not run (${cause instanceof Error ? cause.message : String(cause)})`);

const newCacheOf =
  ({ layers, kvHeads, headDim }: ModelConfig, { cacheType }: Signature) =>
  () =>
    new KvCache(createExportedStorage({ layers, kvHeads, headDim }, cacheType));

type Compute = (room: (at: number) => number) => Decoder['forward'];

function createDecoder(
  session: ort.InferenceSession,
  config: ModelConfig,
  graph: ExportedGraph,
  { precision: wish, vocabulary = wholeVocabulary(config) }: DecoderOptions,
  signature: Signature,
  compute: Compute,
  { seesPastInGroups, movesKeys, onlyLastLogits }: Abilities & { readonly onlyLastLogits: boolean },
): Decoder {
  const { rope, headDim, vocabSize } = config;
  const roomInPass = seesPastInGroups ? roomInBlock : (at: number) => (at === 0 ? roomInBlock(at) : 1);
  const grouped = compute(roomInPass);
  const oneByOne = compute(() => 1);
  const forward: Decoder['forward'] = (cache, tokens, options) =>
    (onlyLastLogits && options.logits > 1 ? oneByOne : grouped)(cache, tokens, options);
  const refusal =
    rotationRefusal(rope) ?? (movesKeys ? undefined : 'moved keys are not what the graph computes');
  return {
    config,
    device: 'cpu',
    precision: graph.precision,
    // Its own tables may end there.
    maxPositions: Math.min(config.maxPositions, graph.contextLength ?? Number.POSITIVE_INFINITY),
    // The kernels of such graphs multiply one row otherwise than several.
    independentRows: false,
    trees: false,
    notes: notesOf(graph, wish, refusal, seesPastInGroups),
    newCache: newCacheOf(config, signature),
    rotateKeys: refusal === undefined ? createKeyRotation(rope, headDim) : undefined,
    forward,
    async predict(cache, tokens, options) {
      const logits = await forward(cache, tokens, options);
      return Array.from({ length: options.logits }, (_, row) =>
        predictionOf(vocabulary, async () => logits.subarray(row * vocabSize, (row + 1) * vocabSize)),
      );
    },
    roomInPass,
    fetchedBytes: () => 0,
    release: () => session.release(),
  };
}

function createCompute(
  session: ort.InferenceSession,
  config: ModelConfig,
  { names }: ExportedGraph,
  signature: Signature,
): Compute {
  const feedsOf = createFeeds(config, names, signature);
  const run = async ({ storage, length }: KvCache, pass: Pass): Promise<Float32Array> => {
    checkExpressible(pass, signature);
    const exported = ofExported(storage);
    const { at, tokens, wanted } = pass;
    const results = await session.run(feedsOf(exported, pass));
    exported.take(at, tokens.length, length > at + tokens.length, (kind, layer) => {
      const { data, dims } = output(results, nameOf(names.present[kind], layer));
      return { stride: dims[2] ?? 0, elements: data };
    });
    return logitsOf(output(results, names.logits), wanted, config.vocabSize);
  };
  return (room) => forwardInPasses(room, run);
}

/** Whether the last row's logits are all that a pass returns: of exports made so, not all declare it. */
async function keepsOnlyLastLogits(
  session: ort.InferenceSession,
  config: ModelConfig,
  { names }: ExportedGraph,
  signature: Signature,
): Promise<boolean> {
  const { storage } = newCacheOf(config, signature)();
  const pass = { at: 0, tokens: [0, 0], positions: [0, 1], wanted: 2 };
  const results = await session.run(createFeeds(config, names, signature)(storage, pass));
  return output(results, names.logits).dims.at(-2) === 1;
}

function checkExpressible({ tree, positions, at }: Pass, { hasPositions }: Signature): void {
  if (tree !== undefined) throw new RangeError('an exported graph has no mask for branches');
  if (!hasPositions && positions.some((position, i) => position !== at + i))
    throw new RangeError('an exported graph that counts positions itself cannot be given others');
}

function ofExported(storage: KvStorage): ExportedStorage {
  if (!('past' in storage)) throw new TypeError('the cache is of another decoder');
  return storage as ExportedStorage;
}

interface Output {
  readonly data: Elements;
  readonly dims: readonly number[];
}

/** Where JavaScript has a `Float16Array`, onnxruntime gives fp16 as that: its bits serve in either case. */
function output(results: ort.InferenceSession.ReturnType, name: string): Output {
  const { data, dims, type } = results[name] ?? {};
  if (dims !== undefined && data instanceof Float32Array) return { data, dims };
  if (dims !== undefined && type === 'float16' && ArrayBuffer.isView(data))
    return { data: new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2), dims };
  throw new TypeError(`the graph lacks the output ${name}`);
}

/** The last rows of `[1, rows, vocabSize]`. */
function logitsOf({ data, dims }: Output, wanted: number, vocabSize: number): Float32Array {
  const width = dims.at(-1);
  if (width !== vocabSize)
    throw new TypeError(
      `it returns logits of ${width} tokens, and config.json says vocab_size = ${vocabSize}`,
    );
  if (wanted * vocabSize > data.length)
    throw new TypeError(`it returns logits of ${data.length / vocabSize} rows where ${wanted} are wanted`);
  const last = data.subarray(data.length - wanted * vocabSize);
  return last instanceof Float32Array ? last : widenHalves(last);
}

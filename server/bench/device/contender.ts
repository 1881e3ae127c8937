import { availableParallelism } from 'node:os';
import { newSequence } from '../../../engine/decode/step';
import type { Precision } from '../../../engine/model/linear';
import { type MemoryReader, startMemoryReader } from '../bandwidth';
import {
  bytesOfStep,
  type Decoder,
  loadDecoder,
  predictions,
  prefill,
  promptTokens,
  writeTokens,
} from '../engine';
import { type Sampler, timed } from '../measure';
import { type Answer, completionTokens, editedDocument, editedPrompts } from './edits';
import { startDeviceReader } from './streaming';

export type DeviceName = 'cpu' | 'webgpu';

export const prompt = 512;
export const batch = 8;
/** Rows behind which tokens are decoded. */
export const contexts = [1000, 2000] as const;
/** Decode steps in a row before another device's turn. */
const burst = 8;

export interface ContenderOptions {
  readonly modelDirectory: string;
  readonly precision: Precision;
  readonly cacheDirectory: string;
  readonly rowsPerPass?: number | undefined;
}

/** A device with the model on it, and what can be timed there. All times end when the results are on the host. */
export interface Contender {
  readonly device: DeviceName;
  readonly decoder: Decoder;
  readonly loadMs: number;
  readonly memory: MemoryReader;
  /** Milliseconds each: of one token, 512 rows, one row and eight, reading the memory once. */
  readonly samplers: Readonly<Record<'prefill' | 'one row' | 'batch' | 'memory', Sampler>>;
  decode(context: number): Sampler;
  /** The next edit of a document, answered with its rows reused. */
  edit(): Promise<Answer>;
  /** The first token behind the next edit of another document, of which all is computed anew. */
  recompute(): Promise<Answer>;
  release(): Promise<void>;
}

/** @throws SlipstreamError device-unavailable where there is no such device, or it refuses the model */
export async function openContender(device: DeviceName, options: ContenderOptions): Promise<Contender> {
  const load = () => loadDecoder({ ...options, device, threads: 0 });
  await (await load()).release(); // Builds the cached graph where there is none yet.
  const { ms: loadMs, result: decoder } = await timed(load);
  const memory = await openMemory(device).catch(async (error) => {
    await decoder.release();
    throw error;
  });
  const { vocabSize } = decoder.config;
  const empty = decoder.newCache();
  const held = decoder.newCache();
  const tokens = (count: number) => promptTokens(count, vocabSize);
  /** Brings the cache to so many rows of prompt without counting it. */
  const hold = async (rows: number) => {
    if (held.length < rows) await prefill(decoder, held, tokens(rows));
    held.truncate(rows);
  };
  const pass =
    (rows: number): Sampler =>
    async () => {
      await hold(contexts[0]);
      const samples: number[] = [];
      for (let i = 0; i < burst; i++) {
        samples.push((await timed(() => predictions(decoder, held, tokens(rows)))).ms);
        held.truncate(contexts[0]);
      }
      return samples;
    };
  const reusing = editedDocument(decoder, 'pie');
  const computing = editedDocument(decoder, 'recompute');
  const [edits, otherEdits] = [editedPrompts(vocabSize), editedPrompts(vocabSize)];
  return {
    device,
    decoder,
    loadMs,
    memory,
    samplers: {
      prefill: async () => {
        const { ms } = await timed(() => prefill(decoder, empty, tokens(prompt)));
        empty.truncate(0);
        return [ms];
      },
      'one row': pass(1),
      batch: pass(batch),
      memory: async () => [(await timed(() => memory.read())).ms],
    },
    decode: (context) => async () => {
      await hold(context);
      const samples: number[] = [];
      let last = performance.now();
      await writeTokens(decoder, newSequence(held, tokens(context + 1)), burst, () => {
        const now = performance.now();
        samples.push(now - last);
        last = now;
      });
      return samples;
    },
    edit: () => reusing.answer(edits.next().value, completionTokens),
    recompute: () => computing.answer(otherEdits.next().value, 1),
    async release() {
      for (const cache of [empty, held]) cache.storage.dispose();
      reusing.close();
      computing.close();
      await memory.release();
      await decoder.release();
    },
  };
}

const openMemory = (device: DeviceName): Promise<MemoryReader> =>
  device === 'webgpu' ? startDeviceReader() : startMemoryReader(availableParallelism());

/** Bytes a second at which decoding uses the device's memory, behind so many rows. */
export const bytesPerSecond = ({ decoder }: Contender, rows: number, ms: number) =>
  (1000 * bytesOfStep(decoder, rows)) / ms;

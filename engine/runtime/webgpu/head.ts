import * as ort from 'onnxruntime-node';
import type { TokenMask } from '../../decode/distribution';
import { type Prediction, predictionOf } from '../../decode/prediction';
import { createGraph } from '../../model/onnx';
import { openBlanks } from './blank';
import { headGraph, headNames } from './headGraph';
import { noteDeviceBytes } from './ledger';
import { type Provider, sessionOptions, withoutWeights } from './session';
import { distributionFrom, summariesOf } from './summary';

/**
 * The logits of the last pass, which stay where they were computed, in a buffer that the next pass writes over. What comes from
 * there is counted.
 */
export interface Head {
  /** Where a pass is to write the logits of so many rows, `[rows, vocabulary]`. */
  target(rows: number): Promise<ort.Tensor>;
  /** The logits of all rows that the last pass was to write. */
  logits(): Promise<Float32Array>;
  /** What is predicted by each of them. */
  predictions(): Promise<Prediction[]>;
  /**
   * Waits until the last pass has been made. onnxruntime only puts it in the device's queue: unless something is read behind it,
   * whoever asks between passes whether to go on would be asked while they wait in line.
   */
  settled(): Promise<void>;
  fetchedBytes(): number;
  release(): Promise<void>;
}

/** Rows for which a buffer is made at first; most passes want one, trees and drafts some more. */
const initialRows = 4;

export async function createHead(vocabulary: TokenMask, provider: Provider): Promise<Head> {
  const vocabSize = vocabulary.length;
  const rowBytes = vocabSize * Float32Array.BYTES_PER_ELEMENT;
  const blanks = await openBlanks(provider);
  const summaries = await openForHost(headGraph(vocabulary), provider);
  const downloads = await openForHost(rowsGraph(vocabSize), provider);
  const samples = await openForHost(sampleGraph(vocabSize), provider);
  let buffer: { whole: ort.Tensor; rows: number } | undefined;
  let written: { view: ort.Tensor; rows: number } | undefined;
  let fetchedBytes = 0;

  const fetched = async (session: ort.InferenceSession, feeds: Record<string, ort.Tensor>) => {
    const results = await session.run(feeds);
    for (const { data } of Object.values(results))
      fetchedBytes += (data as Float32Array | BigInt64Array).byteLength;
    return results;
  };

  const download = async (view: ort.Tensor, rows: readonly number[]): Promise<Float32Array> => {
    const wanted = new ort.Tensor('int64', BigInt64Array.from(rows, BigInt), [rows.length]);
    const results = await fetched(downloads, { [headNames.logits]: view, [wantedRows]: wanted });
    return results[wantedLogits]?.data as Float32Array;
  };

  const free = () => {
    if (buffer === undefined) return;
    buffer.whole.dispose();
    noteDeviceBytes('logits', -buffer.rows * rowBytes);
    buffer = undefined;
  };

  const last = () => {
    if (written === undefined) throw new RangeError('no pass has written logits');
    return written;
  };

  return {
    async target(rows) {
      if (buffer === undefined || buffer.rows < rows) {
        const capacity = Math.max(initialRows, 2 ** Math.ceil(Math.log2(rows)));
        free();
        buffer = { whole: await blanks.make([1, 1, capacity, vocabSize]), rows: capacity };
        noteDeviceBytes('logits', capacity * rowBytes);
      }
      written = { view: viewOf(buffer.whole, [rows, vocabSize]), rows };
      return written.view;
    },
    async logits() {
      const { view, rows } = last();
      return download(
        view,
        Array.from({ length: rows }, (_, row) => row),
      );
    },
    async predictions() {
      const pass = last();
      const summarised = summariesOf(await fetched(summaries, { [headNames.logits]: pass.view }));
      return summarised.map((summary, row) => {
        const logits = async () => {
          if (written !== pass) throw new RangeError('a later pass has written over these logits');
          return download(pass.view, [row]);
        };
        return predictionOf(vocabulary, logits, (count) => distributionFrom(summary, count));
      });
    },
    async settled() {
      await fetched(samples, { [headNames.logits]: last().view });
    },
    fetchedBytes: () => fetchedBytes,
    async release() {
      free();
      for (const session of [blanks, summaries, downloads, samples]) await session.release();
    },
  };
}

/** A session whose outputs come to this machine's memory, and nothing else: no operator may fall back to the processor. */
const openForHost = (graph: Uint8Array, provider: Provider) =>
  ort.InferenceSession.create(graph, {
    ...sessionOptions(provider),
    ...(provider === 'webgpu' && { extra: { session: { disable_cpu_ep_fallback: '1' } } }),
  });

/** The beginning of a tensor, in the same memory. */
function viewOf(whole: ort.Tensor, dims: readonly number[]): ort.Tensor {
  if (whole.location === 'gpu-buffer')
    return ort.Tensor.fromGpuBuffer(whole.gpuBuffer, { dataType: 'float32', dims });
  const length = dims.reduce((product, size) => product * size, 1);
  return new ort.Tensor('float32', (whole.data as Float32Array).subarray(0, length), dims);
}

const wantedRows = 'rows';
const wantedLogits = 'wanted_logits';

/** Some rows of logits, to be read by this machine. */
function rowsGraph(vocabSize: number): Uint8Array {
  const graph = createGraph(withoutWeights);
  graph.input(headNames.logits, 'float32', ['all', vocabSize]);
  graph.input(wantedRows, 'int64', ['wanted']);
  graph.op('Gather', [headNames.logits, wantedRows], { axis: 0 }, wantedLogits);
  graph.output(wantedLogits, 'float32', ['wanted', vocabSize]);
  return graph.encode('rows');
}

/** One logit of every row. */
function sampleGraph(vocabSize: number): Uint8Array {
  const graph = createGraph(withoutWeights);
  graph.input(headNames.logits, 'float32', ['all', vocabSize]);
  graph.op('Gather', [headNames.logits, graph.ints([0])], { axis: 1 }, 'sample');
  graph.output('sample', 'float32', ['all', 1]);
  return graph.encode('sample');
}

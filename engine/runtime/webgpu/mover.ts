import * as ort from 'onnxruntime-node';
import { type KvShape, kvKinds } from '../../cache/hostStorage';
import { createGraph } from '../../model/onnx';
import type { RopeConfig } from '../../model/rope';
import { rotaryTables } from '../../model/rotary';
import { openBlanks } from './blank';
import { noteDeviceBytes } from './ledger';
import { openOnDevice, type Provider, withoutWeights } from './session';
import type { DeviceBuffers } from './storage';

/** Makes, moves and frees the buffers of caches on a device. */
export interface Mover {
  /** Buffers of zeros for so many rows. */
  blank(capacity: number): Promise<DeviceBuffers>;
  /**
   * Buffers in which row i is what row `from[i]` was, its key turned by `delta[i]` positions. The old ones are freed.
   * @param capacity rows of the old buffers, @param wanted of the new ones
   */
  move(
    buffers: DeviceBuffers,
    capacity: number,
    wanted: number,
    from: Int32Array,
    delta: Int32Array,
  ): Promise<DeviceBuffers>;
  free(buffers: DeviceBuffers): void;
  release(): Promise<void>;
}

const names = { from: 'from', delta: 'delta' } as const;

/**
 * Key rotation as a graph (positional integrity encoding, arXiv 2407.03157): rows are gathered in their new order, and keys turned
 * by the difference of their positions, which tables of the angles from -`positions` to `positions` have.
 */
export async function createMover(
  shape: KvShape,
  rope: RopeConfig,
  positions: number,
  provider: Provider,
): Promise<Mover> {
  const { layers, kvHeads, headDim } = shape;
  const blanks = await openBlanks(provider);
  const moves = await openOnDevice(movesGraph(shape, rope, positions), provider);
  const bytesOf = (buffers: DeviceBuffers) =>
    kvKinds.reduce(
      (sum, kind) =>
        sum + buffers[kind].reduce((size, { dims }) => size + 4 * dims.reduce((a, b) => a * b, 1), 0),
      0,
    );
  const note = (bytes: number) => noteDeviceBytes('caches', bytes);
  const kept = (buffers: DeviceBuffers) => {
    note(bytesOf(buffers));
    return buffers;
  };
  const free = (buffers: DeviceBuffers) => {
    note(-bytesOf(buffers));
    for (const kind of kvKinds) for (const buffer of buffers[kind]) buffer.dispose();
  };

  return {
    async blank(capacity) {
      const buffers = { key: [] as ort.Tensor[], value: [] as ort.Tensor[] };
      for (let layer = 0; layer < layers; layer++)
        for (const kind of kvKinds) buffers[kind].push(await blanks.make([1, kvHeads, capacity, headDim]));
      return kept(buffers);
    },
    async move(buffers, capacity, wanted, from, delta) {
      const indices = BigInt64Array.from({ length: wanted }, (_, row) =>
        BigInt(Math.min(from[row] ?? 0, capacity - 1)),
      );
      const angles = BigInt64Array.from({ length: wanted }, (_, row) =>
        BigInt((delta[row] ?? 0) + positions),
      );
      const feeds: Record<string, ort.Tensor> = {
        [names.from]: new ort.Tensor('int64', indices, [wanted]),
        [names.delta]: new ort.Tensor('int64', angles, [1, wanted]),
      };
      for (const kind of kvKinds)
        for (const [layer, buffer] of buffers[kind].entries()) feeds[`old_${kind}_${layer}`] = buffer;
      const results = await moves.run(feeds);
      const moved = { key: [] as ort.Tensor[], value: [] as ort.Tensor[] };
      for (const kind of kvKinds)
        for (let layer = 0; layer < layers; layer++)
          moved[kind].push(results[`new_${kind}_${layer}`] as ort.Tensor);
      free(buffers);
      return kept(moved);
    },
    free,
    async release() {
      await blanks.release();
      await moves.release();
    },
  };
}

function movesGraph({ layers, kvHeads, headDim }: KvShape, rope: RopeConfig, positions: number): Uint8Array {
  const graph = createGraph(withoutWeights);
  graph.input(names.from, 'int64', ['rows']);
  graph.input(names.delta, 'int64', [1, 'rows']);
  const { cos, sin } = signedTables(rope, positions);
  const dims = [2 * positions, rope.dim / 2];
  const tables = [graph.constant('float32', dims, cos), graph.constant('float32', dims, sin)];
  for (let layer = 0; layer < layers; layer++) {
    for (const kind of kvKinds) {
      const old = graph.input(`old_${kind}_${layer}`, 'float32', [1, kvHeads, 'capacity', headDim]);
      const name = `new_${kind}_${layer}`;
      if (kind === 'value') graph.op('Gather', [old, names.from], { axis: 2 }, name);
      else {
        const gathered = graph.op('Gather', [old, names.from], { axis: 2 });
        const attributes = {
          num_heads: kvHeads,
          rotary_embedding_dim: rope.dim === headDim ? 0 : rope.dim,
          interleaved: rope.layout === 'interleaved' ? 1 : 0,
        };
        graph.ms('RotaryEmbedding', [gathered, names.delta, ...tables], attributes, name);
      }
      graph.output(name, 'float32', [1, kvHeads, 'rows', headDim]);
    }
  }
  return graph.encode('moves');
}

/** Row `delta + positions` has the angles of `delta`. */
function signedTables(rope: RopeConfig, positions: number) {
  const { cos, sin } = rotaryTables(rope, positions + 1);
  const half = rope.dim / 2;
  const both = { cos: new Float32Array(2 * positions * half), sin: new Float32Array(2 * positions * half) };
  for (let row = 0; row < 2 * positions; row++) {
    const delta = row - positions;
    for (let i = 0; i < half; i++) {
      const at = Math.abs(delta) * half + i;
      both.cos[row * half + i] = cos[at] as number;
      both.sin[row * half + i] = Math.sign(delta) * (sin[at] as number);
    }
  }
  return both;
}

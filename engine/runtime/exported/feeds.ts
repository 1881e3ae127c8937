import * as ort from 'onnxruntime-node';
import { type KvKind, kvKinds } from '../../cache/hostStorage';
import type { ModelConfig } from '../../model/config';
import type { Pass } from '../passes';
import { type GraphNames, nameOf } from './names';
import type { Port, Role, Signature } from './signature';
import type { Elements, ExportedStorage } from './storage';

/** The inputs of one pass. */
export function createFeeds(
  { layers, kvHeads, headDim }: ModelConfig,
  names: GraphNames,
  { ports, cacheType }: Signature,
) {
  return (storage: ExportedStorage, pass: Pass): Record<string, ort.Tensor> => {
    const { at } = pass;
    const feeds: Record<string, ort.Tensor> = {};
    for (const port of ports) feeds[port.name] = tensorOf(port, valuesOf(port.role, pass));
    const add = (kind: KvKind, layer: number) => {
      const past = storage.past(kind, layer, at);
      feeds[nameOf(names.past[kind], layer)] = floats(cacheType, past, [1, kvHeads, at, headDim]);
    };
    for (let layer = 0; layer < layers; layer++) for (const kind of kvKinds) add(kind, layer);
    return feeds;
  };
}

function valuesOf(role: Role, { at, tokens, positions, wanted }: Pass): readonly number[] {
  const total = at + tokens.length;
  switch (role) {
    case 'tokens':
      return tokens;
    case 'positions':
      return positions;
    case 'mask':
      return new Array<number>(total).fill(1);
    case 'hasPast':
      return [at > 0 ? 1 : 0];
    case 'keptLogits':
      // 0 would be all of them.
      return [Math.max(1, wanted)];
    case 'pastLength':
      return [at];
    case 'lastRow':
      return [total - 1];
    case 'totalLength':
      return [total];
  }
}

function tensorOf({ type, role, rank }: Port, values: readonly number[]): ort.Tensor {
  const isRow = role === 'tokens' || role === 'mask' || role === 'positions';
  const dims = isRow ? [1, values.length] : new Array<number>(rank).fill(1);
  switch (type) {
    case 'bool':
      return new ort.Tensor('bool', Uint8Array.from(values), dims);
    case 'int32':
      return new ort.Tensor('int32', Int32Array.from(values), dims);
    case 'int64':
      return new ort.Tensor('int64', BigInt64Array.from(values, BigInt), dims);
  }
}

const floats = (type: 'float32' | 'float16', data: Elements, dims: readonly number[]): ort.Tensor =>
  type === 'float16'
    ? new ort.Tensor('float16', data as Uint16Array, dims)
    : new ort.Tensor('float32', data as Float32Array, dims);

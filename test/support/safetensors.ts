import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export type Dtype = 'F32' | 'F16' | 'BF16';

export interface TensorSource {
  readonly name: string;
  readonly shape: readonly number[];
  values(): Float32Array;
}

/** Writes one .safetensors file, one tensor after the other, so that a large model never lies in memory whole. */
export async function writeSafetensors(
  path: string,
  tensors: readonly TensorSource[],
  dtype: Dtype,
): Promise<void> {
  const width = dtype === 'F32' ? 4 : 2;
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let offset = 0;
  for (const { name, shape } of tensors) {
    const end = offset + elements(shape) * width;
    header[name] = { dtype, shape, data_offsets: [offset, end] };
    offset = end;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const file = await open(path, 'w');
  try {
    await file.writeFile(Buffer.concat([length, text]));
    for (const tensor of tensors) await file.writeFile(narrow(tensor.values(), dtype));
  } finally {
    await file.close();
  }
}

/** Writes `model.safetensors`, or so many shards with their index. */
export async function writeWeights(
  dir: string,
  tensors: readonly TensorSource[],
  dtype: Dtype,
  shards: number,
): Promise<void> {
  if (shards === 1) return writeSafetensors(join(dir, 'model.safetensors'), tensors, dtype);
  const weightMap: Record<string, string> = {};
  const perShard = Math.ceil(tensors.length / shards);
  for (let shard = 0; shard < shards; shard++) {
    const number = (n: number) => String(n).padStart(5, '0');
    const name = `model-${number(shard + 1)}-of-${number(shards)}.safetensors`;
    const part = tensors.slice(shard * perShard, (shard + 1) * perShard);
    await writeSafetensors(join(dir, name), part, dtype);
    for (const tensor of part) weightMap[tensor.name] = name;
  }
  const index = { metadata: {}, weight_map: weightMap };
  await writeFile(join(dir, 'model.safetensors.index.json'), JSON.stringify(index));
}

export function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Rounds to the nearest value of the type, ties to even. */
export function narrow(values: Float32Array, dtype: Dtype): Uint8Array {
  if (dtype === 'F32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  const round = dtype === 'F16' ? toHalf : toBrainFloat;
  for (let i = 0; i < bits.length; i++) halves[i] = round(bits[i] ?? 0);
  return new Uint8Array(halves.buffer);
}

function toBrainFloat(bits: number): number {
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

function toHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  const fraction = bits & 0x7fffff;
  if (exponent >= 31) return sign | 0x7c00;
  if (exponent > 0) return sign | shiftRight((exponent << 23) | fraction, 13);
  return exponent < -10 ? sign : sign | shiftRight(fraction | 0x800000, 14 - exponent);
}

function shiftRight(value: number, by: number): number {
  const half = (1 << (by - 1)) - 1;
  return (value + half + ((value >>> by) & 1)) >>> by;
}

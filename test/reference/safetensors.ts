import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** A tensor of any supported type widened to double precision. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** A tensor still in its file, for folders larger than memory should hold. */
export interface StoredTensor {
  readonly shape: readonly number[];
  /** Elements `from` to `to` of the flattened tensor. */
  read(from: number, to: number): Float64Array;
}

export function readTensors(directory: string): Map<string, Tensor> {
  const tensors = [...openTensors(directory)];
  return new Map(
    tensors.map(([name, { shape, read }]) => [name, { shape, data: read(0, elementCount(shape)) }]),
  );
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/**
 * The smallest reader of a folder's safetensors files that can work, without any check: written apart
 * from the engine's own so that a mistake in one does not hide in the other.
 */
export function openTensors(directory: string): Map<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  for (const file of weightFiles(directory)) {
    const path = join(directory, file);
    const headerLength = Number(readBytes(path, 0, 8).readBigUInt64LE(0));
    const header: unknown = JSON.parse(readBytes(path, 8, headerLength).toString('utf8'));
    for (const [name, { dtype, shape, data_offsets }] of Object.entries(
      header as Record<string, TensorEntry>,
    )) {
      if (name === '__metadata__') continue;
      const start = 8 + headerLength + data_offsets[0];
      const size = dtype === 'F32' ? 4 : 2;
      const read = (from: number, to: number) =>
        widen(readBytes(path, start + from * size, (to - from) * size), dtype);
      tensors.set(name, { shape, read });
    }
  }
  return tensors;
}

interface TensorEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

function readBytes(path: string, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  const file = openSync(path, 'r');
  readSync(file, bytes, 0, length, position);
  closeSync(file);
  return bytes;
}

/** With an index, only the files it names: a folder may hold others. */
function weightFiles(directory: string): string[] {
  const index = join(directory, 'model.safetensors.index.json');
  if (existsSync(index)) {
    const { weight_map } = JSON.parse(readFileSync(index, 'utf8')) as { weight_map: Record<string, string> };
    return [...new Set(Object.values(weight_map))];
  }
  return readdirSync(directory).filter((file) => file.endsWith('.safetensors'));
}

function widen(bytes: Buffer, dtype: string): Float64Array {
  // Safetensors is little-endian, as is every machine that this runs on.
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  if (dtype === 'F32') return Float64Array.from(new Float32Array(buffer));
  const halves = new Uint16Array(buffer);
  if (dtype === 'F16') return Float64Array.from(halves, halfToNumber);
  if (dtype !== 'BF16') throw new Error(`the reference does not read ${dtype}`);
  // bfloat16 is the upper half of an fp32.
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) words[i] = (halves[i] as number) << 16;
  return new Float64Array(new Float32Array(words.buffer));
}

/** IEEE 754 binary16, from its definition: sign, 5 exponent bits (bias 15), 10 fraction bits. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

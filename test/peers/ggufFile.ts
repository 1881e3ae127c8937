import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { encodeBlocks, type GgufType, ggmlTypes } from './blocks';

/** A metadata value under its GGUF type. */
export type MetadataValue =
  | { readonly u32: number }
  | { readonly f32: number }
  | { readonly string: string }
  | { readonly strings: readonly string[] }
  | { readonly i32s: readonly number[] };

export interface GgufTensor {
  readonly name: string;
  /** Slowest dimension first, as in safetensors; GGUF counts the other way round. */
  readonly shape: readonly number[];
  readonly type: GgufType;
  /** Elements `from` to `to` of the flattened tensor. */
  read(from: number, to: number): Float64Array;
}

const alignment = 32;
/** Elements held in memory at a time; a multiple of every block size. */
const chunk = 1 << 20;

/** Writes a GGUF version 3 file; on failure nothing is left under `path`. */
export function writeGguf(
  path: string,
  metadata: ReadonlyMap<string, MetadataValue>,
  tensors: readonly GgufTensor[],
): void {
  const partial = `${path}.partial-${process.pid}`;
  const file = openSync(partial, 'w');
  try {
    const header = encodeHeader(metadata, tensors);
    writeSync(file, header);
    writeSync(file, padding(header.length));
    for (const tensor of tensors) {
      const count = elements(tensor.shape);
      for (let from = 0; from < count; from += chunk) {
        writeSync(file, encodeBlocks(tensor.read(from, Math.min(count, from + chunk)), tensor.type));
      }
      writeSync(file, padding(tensorBytes(tensor)));
    }
    closeSync(file);
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

function encodeHeader(metadata: ReadonlyMap<string, MetadataValue>, tensors: readonly GgufTensor[]): Buffer {
  const parts = [Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(metadata.size)];
  for (const [key, value] of metadata) parts.push(string(key), encodeValue(value));
  let offset = 0;
  for (const tensor of tensors) {
    const dimensions = [...tensor.shape].reverse();
    parts.push(string(tensor.name), u32(dimensions.length), ...dimensions.map(u64));
    parts.push(u32(ggmlTypes[tensor.type].id), u64(offset));
    const bytes = tensorBytes(tensor);
    offset += bytes + padding(bytes).length;
  }
  return Buffer.concat(parts);
}

/** A value type number (gguf.h) and the value. */
function encodeValue(value: MetadataValue): Buffer {
  if ('u32' in value) return Buffer.concat([u32(4), u32(value.u32)]);
  if ('f32' in value) return Buffer.concat([u32(6), f32(value.f32)]);
  if ('string' in value) return Buffer.concat([u32(8), string(value.string)]);
  if ('i32s' in value) return Buffer.concat([u32(9), u32(5), u64(value.i32s.length), ...value.i32s.map(u32)]);
  return Buffer.concat([u32(9), u32(8), u64(value.strings.length), ...value.strings.map(string)]);
}

function elements(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

function tensorBytes({ shape, type }: GgufTensor): number {
  const { values, bytes } = ggmlTypes[type];
  return (elements(shape) / values) * bytes;
}

function padding(length: number): Buffer {
  return Buffer.alloc((alignment - (length % alignment)) % alignment);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function string(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

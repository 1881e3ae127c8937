import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { SlipstreamError } from '../errors';
import { bytesPerElement, isFloatType, supportedTypes, widen } from './dtypes';
import { corrupt, isObject, modelFileError, parseJsonObject } from './files';

export interface TensorEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Position of the first byte in the file. */
  readonly start: number;
  readonly bytes: number;
}

/** One open .safetensors file: its checked table of contents, and tensors read on demand. */
export interface SafetensorsFile {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** @throws SlipstreamError model-unsupported unless the tensor is stored as F32, F16 or BF16. */
  read(name: string): Promise<Float32Array>;
  close(): Promise<void>;
}

/** The format's own limit: https://huggingface.co/docs/safetensors (100 MB). */
const maxHeaderBytes = 100_000_000;
/** Bounds the memory that a conversion needs beside its result. */
const chunkBytes = 8 << 20;

/** @throws SlipstreamError model-missing, model-unreadable or model-corrupt (what is wrong with the file). */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const file = await attempt(path, () => open(path, 'r'));
  try {
    const tensors = await readHeader(file, path);
    return {
      path,
      tensors,
      read: (name) => readTensor(file, path, name, tensors),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function attempt<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    throw modelFileError(path, cause);
  }
}

async function readHeader(file: FileHandle, path: string): Promise<Map<string, TensorEntry>> {
  const { size } = await attempt(path, () => file.stat());
  if (size < 8) throw corrupt(path, `is truncated: it has ${size} bytes, less than the format's first field`);
  const headerBytes = Number((await readBytes(file, path, 0, 8)).readBigUInt64LE());
  if (headerBytes > maxHeaderBytes) {
    throw corrupt(path, `is not a safetensors file: it claims a header of ${headerBytes} bytes`);
  }
  const dataStart = 8 + headerBytes;
  if (dataStart > size) {
    throw corrupt(path, `is truncated: its header needs ${dataStart} bytes and the file has ${size}`);
  }
  const header = parseJsonObject(path, (await readBytes(file, path, 8, headerBytes)).toString('utf8'));
  const tensors = new Map<string, TensorEntry>();
  for (const [name, value] of Object.entries(header)) {
    if (name !== '__metadata__') tensors.set(name, readEntry(path, name, value, dataStart));
  }
  checkLayout(path, tensors, dataStart, size);
  return tensors;
}

function readEntry(path: string, name: string, value: unknown, dataStart: number): TensorEntry {
  if (!isObject(value)) throw corrupt(path, `describes the tensor ${name} without dtype, shape and offsets`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string') throw corrupt(path, `gives the tensor ${name} no dtype`);
  if (!isSizes(shape)) throw corrupt(path, `gives the tensor ${name} an invalid shape`);
  const [begin, end] = isSizes(offsets) && offsets.length === 2 ? offsets : [];
  if (begin === undefined || end === undefined || begin > end) {
    throw corrupt(path, `gives the tensor ${name} invalid offsets`);
  }
  const width = bytesPerElement(dtype);
  const expected = shape.reduce((product, size) => product * size, width ?? 0);
  if (width !== undefined && expected !== end - begin) {
    throw corrupt(
      path,
      `gives the tensor ${name} ${end - begin} bytes where ${dtype} ${shownShape(shape)} needs ${expected}`,
    );
  }
  return { dtype, shape, start: dataStart + begin, bytes: end - begin };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** The format wants the tensors to cover the rest of the file without holes or overlaps. */
function checkLayout(path: string, tensors: Map<string, TensorEntry>, dataStart: number, size: number): void {
  const entries = [...tensors].sort(([, a], [, b]) => a.start - b.start || a.bytes - b.bytes);
  let end = dataStart;
  for (const [name, { start, bytes }] of entries) {
    if (start < end) throw corrupt(path, `has the tensor ${name} overlapping another one`);
    if (start > end) throw corrupt(path, `has a hole of ${start - end} bytes before the tensor ${name}`);
    end = start + bytes;
  }
  if (end > size) throw corrupt(path, `is truncated: its tensors need ${end} bytes and it has ${size}`);
  if (end < size) throw corrupt(path, `has ${size - end} bytes after its last tensor`);
}

async function readTensor(
  file: FileHandle,
  path: string,
  name: string,
  tensors: ReadonlyMap<string, TensorEntry>,
): Promise<Float32Array> {
  const entry = tensors.get(name);
  if (entry === undefined) throw corrupt(path, `has no tensor ${name}`);
  const { dtype, start, bytes } = entry;
  if (!isFloatType(dtype)) throw unsupportedType(path, name, dtype);
  if (dtype === 'F32') {
    const values = new Float32Array(bytes / 4);
    await fill(file, path, start, new Uint8Array(values.buffer));
    return values;
  }
  const values = new Float32Array(bytes / 2);
  const chunk = new Uint8Array(Math.min(chunkBytes, bytes));
  for (let offset = 0; offset < bytes; offset += chunk.length) {
    const part = chunk.subarray(0, Math.min(chunk.length, bytes - offset));
    await fill(file, path, start + offset, part);
    widen(dtype, part, values, offset / 2);
  }
  return values;
}

export function unsupportedType(path: string, name: string, dtype: string): SlipstreamError {
  return new SlipstreamError(
    'model-unsupported',
    `Cannot load the model because ${basename(path)} in ${dirname(path)} stores the tensor ${name} as ${dtype}, and Slipstream reads ${supportedTypes}; choose the unquantised variant of the model.`,
  );
}

async function readBytes(file: FileHandle, path: string, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  await fill(file, path, at, buffer);
  return buffer;
}

/** One read call moves at most 2 GiB and may return less than asked for. */
async function fill(file: FileHandle, path: string, at: number, target: Uint8Array): Promise<void> {
  for (let done = 0; done < target.length; ) {
    const length = Math.min(target.length - done, 1 << 30);
    const from = done;
    const { bytesRead } = await attempt(path, () => file.read(target, from, length, at + from));
    if (bytesRead === 0) throw corrupt(path, `is truncated: it ended at byte ${at + done} while being read`);
    done += bytesRead;
  }
}

export function shownShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

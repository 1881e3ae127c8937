import { randomUUID } from 'node:crypto';
import { access, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { SlipstreamError } from '../errors';
import type { ModelConfig } from './config';
import { modelFingerprint } from './fingerprint';
import { type Device, emitDecoder } from './graph';
import type { Precision } from './linear';
import type { ExternalData } from './onnx';
import { openWeights, type Weights } from './weights';

/** Raise it whenever an emitted graph changes: older cache entries are then left alone and not used. */
const graphVersion = 9;
const graphFile = 'model.onnx';
const weightsFile = 'model.bin';
/** Alignment of a tensor in the weights file, so that it can be mapped instead of copied. */
const pageSize = 4096;
const abandonedAfterMs = 60 * 60 * 1000;

export interface BuildOptions {
  readonly modelDirectory: string;
  readonly config: ModelConfig;
  readonly precision: Precision;
  readonly device: Device;
  readonly cacheDirectory: string;
  /** Asked before each tensor: whether nobody waits for this build any more. */
  readonly isCancelled?: (() => boolean) | undefined;
}

/** Positions that the rotation tables cover: at least what benchmarks use, at most what fits in a few MB. */
export const tablePositions = (config: ModelConfig) => Math.min(Math.max(config.maxPositions, 4096), 32768);

/**
 * The model's quantised graph on disk, built on first use and found again afterwards under a key of content
 * hash, graph version and options. A build happens in a folder of its own that is renamed when it is whole.
 * @returns the path of the `.onnx` file
 * @throws SlipstreamError cache-unwritable, and whatever reading the weights throws
 */
export async function buildGraph(options: BuildOptions): Promise<string> {
  const { modelDirectory, config, precision, device, cacheDirectory } = options;
  await createFolder(cacheDirectory);
  const fingerprint = await modelFingerprint(modelDirectory, join(cacheDirectory, 'hashes'));
  const key = `${fingerprint.slice(0, 32)}-${precision}-${tablePositions(config)}${device === 'cpu' ? '' : `-${device}`}-v${graphVersion}`;
  const folder = join(cacheDirectory, key);
  const path = join(folder, graphFile);
  if (await exists(path)) return path;

  await removeAbandoned(cacheDirectory);
  const partial = join(cacheDirectory, `${key}.${randomUUID()}.partial`);
  try {
    await mkdir(partial);
    await emitTo(partial, options);
    await removeOlderVersions(cacheDirectory, key);
    await rename(partial, folder).catch(async () => {
      // Another window may have built the same graph meanwhile: theirs is as good.
      if (await exists(path)) return;
      // Else what is in the way is the rest of an entry that was not removed to its end.
      await rm(folder, { recursive: true, force: true });
      await rename(partial, folder);
    });
  } catch (cause) {
    throw cause instanceof SlipstreamError ? cause : unwritable(cacheDirectory, cause);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return path;
}

/**
 * Opens the graph that `buildGraph` gives. One that is damaged, by a disk error or a copied folder, is built once more.
 * @throws what `open` throws of a graph that is whole, and whatever `buildGraph` throws
 */
export async function openGraph<Opened>(
  options: BuildOptions,
  open: (path: string) => Promise<Opened>,
): Promise<Opened> {
  const path = await buildGraph(options);
  try {
    return await open(path);
  } catch (cause) {
    if (!isDamage(cause)) throw cause;
    await rm(dirname(path), { recursive: true, force: true });
  }
  return open(await buildGraph(options));
}

/** Whether onnxruntime, itself or quoted, says that a file cannot be read: the graph, its weights cut short, its weights gone. */
const isDamage = (error: unknown) =>
  /\b(Load model from|Deserialize tensor|External data path)\b/.test(
    error instanceof Error ? error.message : '',
  );

async function emitTo(folder: string, options: BuildOptions): Promise<void> {
  const weights = await openWeights(options.modelDirectory, options.config);
  try {
    await writeGraph(folder, weights.read, options);
  } finally {
    await weights.close();
  }
}

/**
 * Emits a decoder's graph and its weights into a folder that exists.
 * @param read gives a tensor by its Hugging Face name, fp32 in row-major order
 * @returns the path of the `.onnx` file
 */
export async function writeGraph(
  folder: string,
  read: Weights['read'],
  { config, precision, device, isCancelled }: Omit<BuildOptions, 'modelDirectory' | 'cacheDirectory'>,
): Promise<string> {
  const path = join(folder, graphFile);
  const file = await open(join(folder, weightsFile), 'w');
  try {
    let end = 0;
    const external: ExternalData = {
      fileName: weightsFile,
      async append(bytes) {
        if (isCancelled?.()) throw cancelled();
        const offset = Math.ceil(end / pageSize) * pageSize;
        let written = 0;
        while (written < bytes.length) {
          const { bytesWritten } = await file.write(bytes, written, bytes.length - written, offset + written);
          written += bytesWritten;
        }
        end = offset + bytes.length;
        return { offset, length: bytes.length };
      },
    };
    const how = { precision, device, maxPositions: tablePositions(config) };
    const graph = await emitDecoder(config, read, how, external);
    await file.sync();
    await writeFile(path, graph, { flush: true });
    return path;
  } finally {
    await file.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** @throws SlipstreamError cache-unwritable */
export async function createFolder(folder: string): Promise<void> {
  try {
    await createWithParents(resolve(folder));
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}

/** Node's own recursive mkdir tries for ever where the system says ENOENT (in /proc), and says it of read-only disks. */
async function createWithParents(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  const parent = dirname(folder);
  if (!(await exists(parent))) await createWithParents(parent);
  await mkdir(folder).catch(async (error) => {
    // Another window may have been faster.
    if (!(await isFolder(folder))) throw error;
  });
}

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** What earlier versions of Slipstream built of the same model is of no more use. */
async function removeOlderVersions(cacheDirectory: string, key: string): Promise<void> {
  const stem = key.slice(0, key.lastIndexOf('-v'));
  for (const name of await readdir(cacheDirectory)) {
    if (!name.startsWith(`${stem}-v`) || name === key || name.endsWith('.partial')) continue;
    // A window of an older version may still use it: where files in use cannot be removed, they stay.
    await rm(join(cacheDirectory, name), { recursive: true, force: true }).catch(() => {});
  }
}

/** Builds that were killed leave their folder behind; one that is still being written is young. */
async function removeAbandoned(cacheDirectory: string): Promise<void> {
  for (const name of await readdir(cacheDirectory)) {
    if (!name.endsWith('.partial')) continue;
    const path = join(cacheDirectory, name);
    const age =
      Date.now() -
      (await stat(path)
        .then((s) => s.mtimeMs)
        .catch(() => Date.now()));
    if (age > abandonedAfterMs) await rm(path, { recursive: true, force: true });
  }
}

function unwritable(folder: string, cause: unknown): SlipstreamError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  const reasons: Record<string, string> = {
    ENOSPC: 'the disk is full; free some space',
    EFBIG: 'a file of that size is not allowed there; raise the limit',
    EDQUOT: 'your disk quota is used up; free some space',
    EACCES: 'this user may not write there; change its permissions',
    EEXIST: 'there is a file of that name; move it away',
    ENOTDIR: 'a part of that path is a file; choose another place',
    EROFS: 'the file system is read-only; choose another place',
  };
  const reason = reasons[code] ?? `of ${code}; check the folder`;
  return new SlipstreamError(
    'cache-unwritable',
    `Cannot cache the prepared model in ${folder} because ${reason}, or set SLIPSTREAM_CACHE_DIR to another folder.`,
    { cause },
  );
}

const cancelled = () =>
  new SlipstreamError(
    'start-cancelled',
    'The preparation of the model was stopped, because it is no longer needed; it begins anew with the next start.',
  );

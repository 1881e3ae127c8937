import { createHash, randomBytes } from 'node:crypto';
import { link, lstat, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { join, resolve } from 'node:path';
import { SlipstreamError } from '../../errors';
import type { EngineOptions } from '../engine';

/** Where an engine is shared, and what whoever wants to use it has to know. */
export interface Address {
  /** Of a Unix socket, or the name of a pipe on Windows. */
  readonly path: string;
  /** A folder that exists while somebody looks whether anybody is there. */
  readonly lock: string;
  /** Known to whoever may read the user's files: 64 hexadecimal digits. */
  readonly token: string;
}

export const isPipe = platform() === 'win32';
const tokenLength = 64;

/**
 * The address of engines with these options: who wants the same of the same program may share one, and nobody else. A
 * program or model that was replaced in its place is another one.
 * @throws SlipstreamError `cache-unwritable` where the folder cannot be kept from other users
 */
export async function addressOf(options: EngineOptions, folder: string): Promise<Address> {
  await privateFolder(folder);
  const token = await tokenIn(folder);
  const { sharedIn: _, ...same } = options;
  const name = createHash('sha256')
    .update(JSON.stringify(Object.entries(same).sort(([a], [b]) => (a < b ? -1 : 1))))
    .update(await versionsOf([options.workerPath, options.modelDirectory]))
    .update(token)
    .digest('hex')
    .slice(0, 16);
  // A pipe's name is seen by all users of a machine, so it tells nothing without the token.
  const path = isPipe ? String.raw`\\.\pipe\slipstream-${name}` : resolve(folder, `${name}.sock`);
  return { path, lock: join(folder, `${name}.lock`), token };
}

/** Makes a folder that only its owner may use, or makes sure that it is one. */
async function privateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (isPipe) return;
  const found = await lstat(folder);
  const isOurs = found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
  if (isOurs) return;
  throw new SlipstreamError(
    'cache-unwritable',
    `Cannot share the engine with other windows, because ${folder} is open to other users; remove it, and restart the server.`,
  );
}

/** Sizes and times of files, and of those in folders. */
async function versionsOf(paths: readonly string[]): Promise<string> {
  const versions: string[] = [];
  for (const path of paths) {
    const names = await readdir(path).catch(() => ['']);
    for (const name of names.sort()) {
      // What is missing is told by whoever loads it.
      const found = await stat(join(path, name)).catch(() => undefined);
      if (found?.isFile()) versions.push(`${name} ${found.size} ${found.mtimeMs}`);
    }
  }
  return versions.join('\n');
}

async function tokenIn(folder: string): Promise<string> {
  const file = join(folder, 'token');
  const known = await readFile(file, 'utf8').catch(() => undefined);
  if (known?.length === tokenLength) return known;
  // One that is there and broken would never be replaced.
  if (known !== undefined) await rm(file, { force: true });
  // Of several that come at once one is the first, and a file that is linked is never half written.
  const own = `${file}.${process.pid}`;
  await writeFile(own, randomBytes(tokenLength / 2).toString('hex'), { mode: 0o600 });
  await link(own, file).catch(() => {});
  await rm(own, { force: true });
  const token = await readFile(file, 'utf8');
  if (token.length === tokenLength) return token;
  throw new SlipstreamError(
    'cache-unwritable',
    `Cannot share the engine with other windows, because ${file} is broken.`,
  );
}

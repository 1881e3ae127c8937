import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { modelFileError } from './files';
import { findWeightFiles } from './weightFiles';

/**
 * A hash (64 hex digits) over the content of config.json and every weight file: the model's part of the key
 * under which built graphs are cached.
 *
 * Hashing a gigabyte at each start would cost seconds, so the hash is remembered in `memoDir` under the files'
 * stat data: path, device, inode, size, and the modification and change times in nanoseconds. That is the
 * bargain that git's index and make-like caches strike, made stricter by the change time, which no program can
 * set: copying, replacing, touching or editing a file all change it, and then the content is hashed anew.
 * Size and modification time alone would not do: archives (npm's for one) give every file the same fixed time.
 *
 * A memo that cannot be written costs time at the next start, nothing else.
 * @param weightFiles in the folder; those in safetensors where left out
 * @throws SlipstreamError model-missing or model-unreadable.
 */
export async function modelFingerprint(
  dir: string,
  memoDir: string,
  weightFiles?: readonly string[],
): Promise<string> {
  const names = weightFiles ?? (await findWeightFiles(dir)).names;
  const paths = ['config.json', ...names].map((name) => join(dir, name));
  const before = await statKey(paths);
  const memo = join(memoDir, `${before}.hash`);
  const remembered = await readFile(memo, 'utf8').catch(() => '');
  if (/^[0-9a-f]{64}$/.test(remembered)) return remembered;

  const whole = createHash('sha256');
  for (const path of paths) whole.update(await hashFile(path));
  const fingerprint = whole.digest('hex');
  if ((await statKey(paths)) === before) await remember(memoDir, memo, fingerprint);
  return fingerprint;
}

async function statKey(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) {
    try {
      const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
      hash.update(JSON.stringify([path, ...[dev, ino, size, mtimeNs, ctimeNs].map(String)]));
    } catch (cause) {
      throw modelFileError(path, cause);
    }
  }
  return hash.digest('hex').slice(0, 32);
}

async function hashFile(path: string): Promise<Buffer> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  } catch (cause) {
    throw modelFileError(path, cause);
  }
  return hash.digest();
}

async function remember(memoDir: string, memo: string, fingerprint: string): Promise<void> {
  const unfinished = `${memo}.${randomUUID()}`;
  try {
    await mkdir(memoDir, { recursive: true });
    await writeFile(unfinished, fingerprint);
    await rename(unfinished, memo);
  } catch {
    await rm(unfinished, { force: true }).catch(() => {});
  }
}

import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { RemoteFile } from './hub';

/** What a file's content is held against; Git's own blob id where the hub gives no SHA-256. */
type Expected = Pick<RemoteFile, 'size' | 'sha256' | 'blobSha1'>;

/** Counts a file's bytes into the hash that the hub gives for it. */
export interface FileCheck {
  update(chunk: Uint8Array): void;
  /** Once: whether the content is the promised one; undefined where the hub promises nothing. */
  matches(): boolean | undefined;
}

export function fileCheck({ size, sha256, blobSha1 }: Expected): FileCheck {
  const [hash, expected] = hashOf(size, sha256, blobSha1);
  return {
    update: (chunk) => hash?.update(chunk),
    matches: () => (hash === undefined ? undefined : hash.digest('hex') === expected),
  };
}

function hashOf(
  size: number | undefined,
  sha256: string | undefined,
  blobSha1: string | undefined,
): [Hash, string] | [undefined, undefined] {
  if (sha256 !== undefined) return [createHash('sha256'), sha256];
  // Git hashes the size before the content.
  if (blobSha1 !== undefined && size !== undefined)
    return [createHash('sha1').update(`blob ${size}\0`), blobSha1];
  return [undefined, undefined];
}

/** Reads what is on disk into the check. @returns how many bytes that were */
export async function readInto(check: FileCheck, path: string, signal?: AbortSignal): Promise<number> {
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    signal?.throwIfAborted();
    check.update(chunk);
    bytes += chunk.length;
  }
  return bytes;
}

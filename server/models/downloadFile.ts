import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { SlipstreamError } from '../../engine/index';
import { connectionFailure, PassingFailure, refusal } from './failures';
import { type FileCheck, fileCheck, readInto } from './fileCheck';
import type { HubClient, HubResponse } from './http';
import type { RemoteFile } from './hub';
import { persist } from './persist';

export interface FileDownload {
  readonly hub: HubClient;
  readonly address: string;
  /** The model's page, for people who are told that something is to be done there. */
  readonly page: string;
  /** As in "config.json of Qwen/Qwen2.5-Coder-0.5B". */
  readonly what: string;
  readonly file: RemoteFile;
  /** Written only once its content is known to be right; until then it is in a file beside it. */
  readonly target: string;
  readonly signal: AbortSignal;
  readonly waits: readonly number[];
  /** How many of the file's bytes are on disk: also less than before, where a beginning was of no use. */
  onBytes(bytes: number): void;
}

/** What has arrived of a file. It stays when a download ends before its time, and the next one goes on from it. */
export const partialOf = (target: string): string => `${target}.partial`;

/**
 * Downloads one file: goes on where an earlier download stopped, tries again when the connection breaks, and holds the
 * whole file against the hub's hash before it gets its name.
 * @throws SlipstreamError hub-refused, hub-unreachable, hub-answer, download-corrupt or disk-full
 */
export async function downloadFile(download: FileDownload): Promise<void> {
  const { target } = download;
  const hadBeginning = await receive(download);
  if (hadBeginning === 'right') return await rename(partialOf(target), target);
  await rm(partialOf(target), { force: true });
  // What an earlier download left may have been of another version, or have come through a faulty proxy.
  if (hadBeginning === 'wrong after resuming' && (await receive(download)) === 'right')
    return await rename(partialOf(target), target);
  await rm(partialOf(target), { force: true });
  throw new SlipstreamError(
    'download-corrupt',
    `The download of ${download.what} was thrown away because its content is not what the hub says it must be (wrong checksum); try again, and if it happens again, something on the way changes it: try another network or endpoint.`,
  );
}

/** Where a download is: the open partial file, how much of it there is, and its hash so far. */
interface Receiver {
  readonly handle: FileHandle;
  bytes: number;
  check: FileCheck;
}

async function receive(download: FileDownload): Promise<'right' | 'wrong' | 'wrong after resuming'> {
  const { file, target, signal, waits, onBytes } = download;
  const receiver = await openPartial(partialOf(target), file, signal);
  let hasResumed = receiver.bytes > 0;
  try {
    onBytes(receiver.bytes);
    await persist(
      async () => {
        if (receiver.bytes > 0 && receiver.bytes === file.size) return;
        hasResumed &&= receiver.bytes > 0;
        await requestRest(download, receiver);
      },
      { signal, waits, progress: () => receiver.bytes },
    );
    await receiver.handle.sync();
  } finally {
    await receiver.handle.close();
  }
  if (receiver.check.matches() !== false) return 'right';
  return hasResumed ? 'wrong after resuming' : 'wrong';
}

async function openPartial(path: string, file: RemoteFile, signal: AbortSignal): Promise<Receiver> {
  const check = fileCheck(file);
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  // Without a hash, nothing would tell that the beginning is of another version.
  const isUsable = size > 0 && size <= (file.size ?? size) && (file.sha256 ?? file.blobSha1) !== undefined;
  // Appending, so that after a new beginning what comes is written at the file's start.
  const handle = await open(path, 'a');
  try {
    if (!isUsable && size > 0) await handle.truncate(0);
    const bytes = isUsable ? await readInto(check, path, signal) : 0;
    return { handle, bytes, check };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function requestRest(download: FileDownload, receiver: Receiver): Promise<void> {
  const { hub, address, what, page, signal, file } = download;
  const from = receiver.bytes;
  const response = await hub.get(address, from > 0 ? { range: `bytes=${from}-` } : {}, signal);
  try {
    const { status } = response;
    if (status === 416) {
      await startOver(download, receiver);
      throw new PassingFailure(broken(what, 'the hub has less of it than was already downloaded'));
    }
    if (status !== 200 && status !== 206) throw refusal(status, response.headers, what, page);
    refuseWebPage(download, response.headers['content-type'] ?? '');
    // A server without ranges sends the whole file again, and 206 may be of another place than was asked for.
    if (from > 0 && rangeStart(response) !== from) {
      await startOver(download, receiver);
      if (status === 206)
        throw new PassingFailure(broken(what, 'the hub sent another part than was asked for'));
    }
    await write(download, receiver, response);
  } finally {
    response.body.destroy();
  }
  const expected = file.size ?? totalOf(response, from);
  if (expected !== undefined && receiver.bytes < expected)
    throw new PassingFailure(
      broken(what, `the connection ended after ${receiver.bytes} of ${expected} bytes`),
    );
}

async function write(download: FileDownload, receiver: Receiver, { body }: HubResponse): Promise<void> {
  const { hub, address, signal, file, what, onBytes } = download;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (receiver.bytes === 0) refuseWebPage(download, chunk.toString('latin1', 0, 200));
      if (receiver.bytes + chunk.length > (file.size ?? Number.POSITIVE_INFINITY)) {
        await startOver(download, receiver);
        throw broken(what, `more came than its ${file.size} bytes`);
      }
      await receiver.handle.appendFile(chunk);
      receiver.check.update(chunk);
      receiver.bytes += chunk.length;
      onBytes(receiver.bytes);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SlipstreamError) throw error;
    throw diskFailure(error, what) ?? connectionFailure(error, new URL(address).host, hub.access.proxy);
  }
}

async function startOver({ file, onBytes }: FileDownload, receiver: Receiver): Promise<void> {
  await receiver.handle.truncate(0);
  receiver.bytes = 0;
  receiver.check = fileCheck(file);
  onBytes(0);
}

/** By its type or its first bytes: a login page of the network, or an error page of a proxy. */
function refuseWebPage({ what, address }: FileDownload, sign: string): void {
  if (!/^\s*(text\/html|application\/xhtml|<!doctype html|<html)/i.test(sign)) return;
  throw new SlipstreamError(
    'hub-answer',
    `Cannot download ${what} because ${new URL(address).host} sent a web page in its place, as networks that want a login and some proxies do; open a page in the browser, then try again, or correct the endpoint of slipstream.hub.`,
  );
}

/** Of `content-range: bytes 100-999/1000`; 0 where the whole file comes. */
function rangeStart({ status, headers }: HubResponse): number {
  if (status !== 206) return 0;
  return Number(/^bytes (\d+)-/.exec(headers['content-range'] ?? '')?.[1] ?? Number.NaN);
}

function totalOf({ headers }: HubResponse, from: number): number | undefined {
  const length = headers['content-length'];
  return length === undefined ? undefined : from + Number(length);
}

const broken = (what: string, why: string) =>
  new SlipstreamError(
    'hub-answer',
    `The download of ${what} broke off because ${why}; try again: it goes on from where it was.`,
  );

function diskFailure(error: unknown, what: string): SlipstreamError | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new SlipstreamError(
      'disk-full',
      `The download of ${what} stopped because the disk is full; free some space and try again: it goes on from where it was.`,
    );
  if (syscall !== 'write') return undefined;
  return new SlipstreamError(
    'disk-full',
    `The download of ${what} stopped because its file cannot be written (${code}); check the disk and try again.`,
  );
}

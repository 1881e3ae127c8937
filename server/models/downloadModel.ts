import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { readConfig, SlipstreamError } from '../../engine/index';
import { checkSpace, type FreeSpace, freeSpace } from './diskSpace';
import { manifestFile, modelFolder, readManifest, stagingOf, writeManifest } from './downloaded';
import { downloadFile, partialOf } from './downloadFile';
import type { HubClient } from './http';
import { fileAddress, type ModelInfo, modelInfo, type RemoteFile } from './hub';
import { type Lock, lock } from './lock';
import { neededFiles } from './neededFiles';
import { usualWaits } from './persist';

/** What a download would do, for people to decide about. */
export interface DownloadPlan {
  readonly info: ModelInfo;
  readonly files: readonly RemoteFile[];
  /** Of all files together. */
  readonly bytes: number;
  /** Of them, already here from an earlier try. */
  readonly bytesHere: number;
  /** Of the disk on which the model will be. */
  readonly bytesFree: number;
  readonly folder: string;
  /** Whether exactly this is already there. */
  readonly isHere: boolean;
}

/** What tests change: how long to wait before another try, and what the disk says of itself. */
export interface Surroundings {
  readonly waits?: readonly number[];
  readonly free?: FreeSpace;
}

/** Asks the hub about a model; nothing is written. @throws SlipstreamError that says what is in the way */
export async function planDownload(
  hub: HubClient,
  { repository, revision }: { readonly repository: string; readonly revision: string },
  signal: AbortSignal,
  { waits = usualWaits, free = freeSpace }: Surroundings = {},
): Promise<DownloadPlan> {
  const info = await modelInfo(hub, repository, revision, signal, waits);
  const files = neededFiles(info);
  const folder = modelFolder(info.repository);
  const bytes = files.reduce((sum, { size }) => sum + (size ?? 0), 0);
  const isHere = (await readManifest(folder))?.commit === info.commit;
  const bytesHere = await bytesOf(files, stagingOf(folder));
  return { info, files, bytes, bytesHere, bytesFree: await free(folder), folder, isHere };
}

/** So much of the whole is on disk, including what an earlier try left. */
export type OnBytes = (bytes: number, of: number) => void;

/**
 * Downloads a model into a folder that gets its name only when all of it is there and right. What has arrived stays when
 * this fails or is cancelled, and the next download of the same goes on from it.
 * @returns the folder
 * @throws SlipstreamError; the signal's reason where it aborts
 */
export async function downloadModel(
  hub: HubClient,
  plan: DownloadPlan,
  onBytes: OnBytes,
  signal: AbortSignal,
  surroundings: Surroundings = {},
): Promise<string> {
  const { folder, info, isHere } = plan;
  if (isHere) return folder;
  await makeFolder(path.dirname(folder));
  const held = await lock(folder, `The download of ${info.repository}`);
  try {
    await collect(hub, plan, onBytes, signalOf(signal, held), surroundings);
    await putInPlace(folder);
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    throw code !== undefined && syscall !== undefined ? unwritable(folder, error) : error;
  } finally {
    await held.release();
  }
  return folder;
}

const signalOf = (signal: AbortSignal, { lost }: Lock) => AbortSignal.any([signal, lost]);

async function collect(
  hub: HubClient,
  { info, files, folder, bytes }: DownloadPlan,
  onBytes: OnBytes,
  signal: AbortSignal,
  { waits = usualWaits, free = freeSpace }: Surroundings,
): Promise<void> {
  const { endpoint } = hub.access;
  const staging = stagingOf(folder);
  await keepOnly(files, staging, info.commit);
  checkSpace(bytes - (await bytesOf(files, staging)), await free(folder), path.dirname(folder));
  await makeFolder(staging);
  const { repository, commit, licence = null } = info;
  writeManifest(staging, { repository, commit, endpoint, licence, files });

  let before = 0;
  for (const file of files) {
    const target = path.join(staging, file.name);
    const had = before;
    if (!existsSync(target))
      await downloadFile({
        hub,
        address: fileAddress(endpoint, info, file.name),
        page: info.page,
        what: `${file.name} of ${repository}`,
        file,
        target,
        signal,
        waits,
        onBytes: (got) => onBytes(had + got, bytes),
      });
    before += (await stat(target)).size;
    onBytes(before, bytes);
    // Refuses what the engine cannot run before its weights are downloaded.
    if (file.name === 'config.json') await checkConfig(staging, repository);
  }
}

async function checkConfig(staging: string, repository: string): Promise<void> {
  try {
    await readConfig(staging);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    if (!(error instanceof SlipstreamError)) throw error;
    throw new SlipstreamError(error.code, error.message.replace(staging, repository), { cause: error });
  }
}

/** What an earlier try left of another version must not get into this one. Its manifest says what the rest is. */
async function keepOnly(files: readonly RemoteFile[], staging: string, commit: string): Promise<void> {
  const earlier = await readManifest(staging);
  const same = (name: string) => {
    const now = files.find((file) => file.name === name || partialOf(file.name) === name);
    const then = earlier?.files.find((file) => file.name === now?.name);
    if (now === undefined || then === undefined) return false;
    const hash = now.sha256 ?? now.blobSha1;
    return hash === undefined ? earlier?.commit === commit : hash === (then.sha256 ?? then.blobSha1);
  };
  for (const name of await readdir(staging).catch(() => []))
    if (name !== manifestFile && !same(name))
      await rm(path.join(staging, name), { recursive: true, force: true });
}

async function bytesOf(files: readonly RemoteFile[], folder: string): Promise<number> {
  const size = (name: string) =>
    stat(path.join(folder, name)).then(
      (found) => found.size,
      () => 0,
    );
  const sizes = await Promise.all(
    files.map(async ({ name }) => (await size(name)) || (await size(partialOf(name)))),
  );
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

/** An older version is out of the way first, since a folder cannot be replaced by another in one step. */
async function putInPlace(folder: string): Promise<void> {
  const old = `${folder}.old`;
  await rm(old, { recursive: true, force: true });
  if (existsSync(folder)) await rename(folder, old);
  await rename(stagingOf(folder), folder);
  await rm(old, { recursive: true, force: true });
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw unwritable(folder, error);
  }
}

const unwritable = (folder: string, error: unknown) =>
  new SlipstreamError(
    'cache-unwritable',
    `The model cannot be put into ${folder}: ${(error as Error).message}; make the folder writable, close what uses it, or set SLIPSTREAM_DATA_DIR to another.`,
  );

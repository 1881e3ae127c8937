import { existsSync } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { SlipstreamError } from '../../engine/index';
import { modelsDirectory } from '../paths';
import { writeWhole } from '../wholeFile';
import { fileCheck, readInto } from './fileCheck';
import type { RemoteFile } from './hub';
import { lock } from './lock';
import { folderName } from './names';

/** What a download leaves beside the files: where they are from, and what they must be. */
export interface Manifest {
  readonly repository: string;
  readonly commit: string;
  readonly endpoint: string;
  readonly licence: string | null;
  readonly files: readonly RemoteFile[];
}

export const manifestFile = 'slipstream-download.json';

/** The folder of a downloaded model. */
export const modelFolder = (repository: string): string =>
  path.join(modelsDirectory(), folderName(repository));

/** Where a download is collected until the model is whole. */
export const stagingOf = (folder: string): string => `${folder}.download`;

export function writeManifest(folder: string, manifest: Manifest): void {
  writeWhole(path.join(folder, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Undefined where the folder was not downloaded by Slipstream. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    const manifest: unknown = JSON.parse(await readFile(path.join(folder, manifestFile), 'utf8'));
    return isManifest(manifest) ? manifest : undefined;
  } catch {
    return undefined;
  }
}

function isManifest(value: unknown): value is Manifest {
  const { repository, commit, files } = (value ?? {}) as Partial<Record<keyof Manifest, unknown>>;
  return (
    typeof repository === 'string' &&
    typeof commit === 'string' &&
    Array.isArray(files) &&
    files.every((file) => typeof file?.name === 'string' && path.basename(file.name) === file.name)
  );
}

export interface DownloadedModel {
  readonly folder: string;
  readonly repository: string;
  /** Of its files, in bytes. */
  readonly bytes: number;
  /** Whether all of it is there; otherwise the next download goes on with it. */
  readonly isWhole: boolean;
}

/** What has been downloaded, whole or not, by the names of the folders. */
export async function downloadedModels(): Promise<DownloadedModel[]> {
  const entries = await readdir(modelsDirectory()).catch(() => []);
  const models = await Promise.all(
    entries.sort().map(async (name): Promise<DownloadedModel[]> => {
      const folder = path.join(modelsDirectory(), name);
      const manifest = await readManifest(folder);
      if (manifest === undefined) return [];
      const isWhole = !name.endsWith('.download');
      return [{ folder, repository: manifest.repository, bytes: await bytesIn(folder), isWhole }];
    }),
  );
  return models.flat();
}

export async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(path.join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Whether Slipstream has made the folder: a copy of a download in another place is its user's own. */
export async function isDownload(folder: string): Promise<boolean> {
  const isInside = path.dirname(path.resolve(folder)) === path.resolve(modelsDirectory());
  return isInside && (await readManifest(folder)) !== undefined;
}

/**
 * Deletes what was downloaded of a model, whole or not; any other folder is refused.
 * @throws SlipstreamError request-invalid, download-busy or disk-full
 */
export async function deleteDownload(folder: string): Promise<void> {
  const final = folder.replace(/\.download$/, '');
  if (!(await isDownload(folder)))
    throw new SlipstreamError(
      'request-invalid',
      `${folder} is not deleted because Slipstream did not download it; delete it yourself if you no longer want it.`,
    );
  const held = await lock(final, `The download to ${final}`);
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    throw new SlipstreamError(
      'disk-full',
      `${folder} could not be deleted: ${(error as Error).message}; close what uses the model and try again.`,
    );
  } finally {
    await held.release();
  }
}

/**
 * Holds the files of a downloaded model against the hashes that the hub gave for them.
 * @returns one sentence for each file that is not what it must be; undefined for a folder that was not downloaded
 */
export async function wrongFiles(folder: string, signal?: AbortSignal): Promise<string[] | undefined> {
  const manifest = await readManifest(folder);
  if (manifest === undefined) return undefined;
  const wrong: string[] = [];
  for (const file of manifest.files) {
    const place = path.join(folder, file.name);
    const check = fileCheck(file);
    if (!existsSync(place)) wrong.push(`${file.name} is missing`);
    else if ((await readInto(check, place, signal)) !== (file.size ?? (await stat(place)).size))
      wrong.push(`${file.name} has another size than the hub's`);
    else if (check.matches() === false) wrong.push(`${file.name} has other content than the hub's`);
  }
  return wrong;
}

import { existsSync } from 'node:fs';
import path from 'node:path';
import { readConfig } from '../../engine/index';
import { readRegistry, writeRegistry } from '../engine/registry';
import { defaultModelDirectory } from '../paths';
import type { ModelEntry } from '../protocol';
import { type CuratedModel, curatedModels } from './curated';
import { deleteDownload, downloadedModels } from './downloaded';
import { folderName } from './names';
import { sizeText } from './sizes';

export const shipped = 'default';

/**
 * Every model that can be chosen: the shipped one, those with a name, downloads that are not whole yet, and those of the
 * curated list that are not here.
 * @throws SlipstreamError if the list of names cannot be read
 */
export async function allModels(): Promise<ModelEntry[]> {
  const downloads = await downloadedModels();
  const registry = readRegistry();
  const own = Object.entries(registry).map(([name, folder]): ModelEntry => {
    const download = downloads.find((model) => path.resolve(folder) === model.folder);
    if (!existsSync(folder))
      return { kind: 'missing', name, folder, detail: `its folder is gone: ${folder}` };
    if (download === undefined) return { kind: 'added', name, folder, detail: folder };
    const { repository, bytes } = download;
    return { kind: 'downloaded', name, folder, repository, detail: `${sizeText(bytes)}, ${folder}` };
  });
  const named = new Set(Object.values(registry).map((folder) => path.resolve(folder)));
  const nameless = downloads
    .filter(({ folder }) => !named.has(folder))
    .map(({ repository, bytes, folder, isWhole }): ModelEntry => {
      const kind = isWhole ? 'downloaded' : 'unfinished';
      const detail = isWhole
        ? `${sizeText(bytes)}, ${folder}`
        : `${sizeText(bytes)} of it are here; downloading it again goes on from there`;
      return { kind, name: repository, repository, folder, detail };
    });
  const here = new Set(downloads.map(({ repository }) => repository));
  return [
    {
      kind: 'shipped',
      name: shipped,
      folder: defaultModelDirectory(),
      detail: 'the one that Slipstream ships',
    },
    ...own,
    ...nameless,
    ...curatedModels.filter(({ repository }) => !here.has(repository)).map(curatedEntry),
  ];
}

/** Short enough for a row of a quick pick. */
function curatedEntry({
  name,
  repository,
  megabytes,
  licence,
  terms,
  memory,
  fim,
}: CuratedModel): ModelEntry {
  const [size, int8, int4] = [megabytes, memory.int8, memory.int4].map((value) => sizeText(value * 1e6));
  const detail = `${size}; ${int8} of memory, ${int4} at int4; ${terms}`;
  return { kind: 'curated', name, repository, licence, fim, detail };
}

/**
 * Deletes a download, whole or not, and its name.
 * @throws SlipstreamError, also for folders that Slipstream did not download
 */
export async function removeDownload(folder: string): Promise<void> {
  await deleteDownload(folder);
  const registry = Object.entries(readRegistry());
  const rest = registry.filter(([, other]) => path.resolve(other) !== path.resolve(folder));
  if (rest.length < registry.length) writeRegistry(Object.fromEntries(rest));
}

/**
 * Gives a downloaded model a name to be called by: the one that it is offered by, else its own, or with its owner's where
 * another model has that.
 */
export function nameDownload(repository: string, folder: string): string {
  const offered = curatedModels.find((model) => model.repository === repository)?.name;
  const own = [repository.split('/').at(-1) ?? repository, folderName(repository)];
  return nameFolder(folder, offered === undefined ? own : [offered, ...own]);
}

/**
 * Gives a folder a name, if it looks like a model that the engine can run; whether its weights load shows when it is used.
 * @throws SlipstreamError that says what is wrong with the folder
 */
export async function addFolder(folder: string): Promise<string> {
  await readConfig(folder);
  const name = path.basename(folder);
  return nameFolder(folder, [name, ...Array.from({ length: 98 }, (_, i) => `${name}-${i + 2}`)]);
}

/** The name that the folder has, else the first that is free. */
function nameFolder(folder: string, names: readonly string[]): string {
  const registry = readRegistry();
  const known = Object.entries(registry).find(([, other]) => path.resolve(other) === path.resolve(folder));
  if (known !== undefined) return known[0];
  const name = names.find((other) => other !== shipped && !Object.hasOwn(registry, other)) ?? folder;
  writeRegistry({ ...registry, [name]: folder });
  return name;
}

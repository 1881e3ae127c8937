import path from 'node:path';
import { modelDirectory } from '../engine/options';
import { readRegistry, writeRegistry } from '../engine/registry';
import { allModels, removeDownload, shipped } from '../models/catalogue';
import { bytesIn, downloadedModels, isDownload, wrongFiles } from '../models/downloaded';
import { sizeText } from '../models/sizes';
import type { ModelEntry } from '../protocol';
import { confirm } from './confirm';
import { withEngine } from './engine';
import { CliFailure } from './failure';
import { settingsOf } from './options';

/** Prints one line per model that is here: name, folder; then those that can be downloaded. */
export async function list(): Promise<void> {
  const models = await allModels();
  const width = Math.max(...models.map(({ name }) => name.length));
  const print = (some: readonly ModelEntry[], line: (entry: ModelEntry) => string) => {
    for (const entry of some) process.stdout.write(`${entry.name.padEnd(width)}  ${line(entry)}\n`);
  };
  print(
    models.filter(({ kind }) => !['curated', 'unfinished'].includes(kind)),
    ({ kind, folder }) => `${folder}${kind === 'missing' ? '  (missing)' : ''}`,
  );
  const others = models.filter(({ kind }) => kind === 'unfinished' || kind === 'curated');
  if (others.length > 0) process.stdout.write('\nTo be had with models download:\n');
  print(others, ({ licence, detail, fim }) =>
    [licence, detail, fim === undefined ? undefined : `fills in as ${fim}`].filter(Boolean).join('; '),
  );
}

/** Gives a folder a name, if the model in it loads and nobody interrupts that. */
export async function add(
  folder: string,
  chosenName: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const directory = path.resolve(folder);
  const name = chosenName ?? path.basename(directory);
  const registry = readRegistry();
  if (name === shipped || /[/\\]/.test(name) || name === '') {
    throw new CliFailure(`A model cannot be called "${name}"; choose another with --name.`);
  }
  const other = registry[name];
  if (other !== undefined && other !== directory) {
    throw new CliFailure(`"${name}" is already the name of ${other}; choose another with --name.`);
  }
  await load(directory, signal);
  signal.throwIfAborted();
  // Loading takes long: others may have been added meanwhile.
  writeRegistry({ ...readRegistry(), [name]: directory });
  process.stdout.write(`Added ${name}: ${directory}\n`);
}

/**
 * Holds a downloaded model's files against the hub's hashes, then loads it as the editor would: configuration, every
 * tensor, tokenizer, and the session.
 */
export async function verify(model: string, signal: AbortSignal): Promise<void> {
  const folder = modelDirectory(model, process.cwd());
  const wrong = await wrongFiles(folder, signal);
  if (wrong !== undefined && wrong.length > 0)
    throw new CliFailure(
      `${model} is damaged: ${wrong.join(', ')}; remove it with models remove, then download it again.`,
    );
  if (wrong !== undefined) process.stdout.write(`${model}: every file has the content that the hub says.\n`);
  await load(folder, signal);
}

/**
 * Forgets a model's name. What Slipstream has downloaded of it is deleted, if the user agrees; other folders stay.
 * @param agreed the user has agreed beforehand
 */
export async function remove(name: string, agreed: boolean, signal: AbortSignal): Promise<void> {
  if (name === shipped)
    throw new CliFailure('The shipped model cannot be removed; choose another in slipstream.model.');
  const registry = readRegistry();
  const folder = Object.hasOwn(registry, name) ? registry[name] : await nameless(name);
  if (folder === undefined) throw new CliFailure(`There is no model called "${name}"; see models list.`);

  const isOurs = await isDownload(folder);
  if (isOurs) {
    const question = `Delete ${folder} (${sizeText(await bytesIn(folder))})?`;
    if (!agreed && !(await confirm(question, 'models remove', signal))) return;
    await removeDownload(folder);
  }
  const { [name]: _, ...rest } = readRegistry();
  writeRegistry(rest);
  process.stdout.write(`Removed ${name}${isOurs ? ' and its files' : `; its files stay in ${folder}`}\n`);
}

/** The folder of a download that has no name but the repository's, as those that stopped. */
async function nameless(repository: string): Promise<string | undefined> {
  const downloads = await downloadedModels();
  return downloads.find((model) => model.repository === repository)?.folder;
}

async function load(directory: string, signal: AbortSignal): Promise<void> {
  await withEngine(settingsOf({ model: directory }), signal, async (_, { info }) => {
    const time = (info.startMs / 1000).toFixed(1);
    process.stdout.write(`${info.model}: loaded as ${info.precision} on ${info.device} in ${time} s.\n`);
    for (const note of info.notes) process.stdout.write(`${note}\n`);
  });
}

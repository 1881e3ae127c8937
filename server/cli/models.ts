import { existsSync } from 'node:fs';
import path from 'node:path';
import { modelDirectory } from '../engine/options';
import { readRegistry, writeRegistry } from '../engine/registry';
import { defaultModelDirectory } from '../paths';
import { withEngine } from './engine';
import { CliFailure } from './failure';
import { settingsOf } from './options';

const shipped = 'default';

/** Prints one line per model: name, folder. */
export function list(): void {
  const models = { [shipped]: defaultModelDirectory(), ...readRegistry() };
  const width = Math.max(...Object.keys(models).map((name) => name.length));
  for (const [name, folder] of Object.entries(models)) {
    const missing = existsSync(folder) ? '' : '  (missing)';
    process.stdout.write(`${name.padEnd(width)}  ${folder}${missing}\n`);
  }
}

/** Gives a folder a name, if the model in it loads. */
export async function add(folder: string, chosenName?: string): Promise<void> {
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
  await load(directory);
  writeRegistry({ ...registry, [name]: directory });
  process.stdout.write(`Added ${name}: ${directory}\n`);
}

/** Loads a model as the editor would: configuration, every tensor, tokenizer, and the session. */
export async function verify(model: string): Promise<void> {
  await load(modelDirectory(model, process.cwd()));
}

export function remove(name: string): void {
  if (name === shipped)
    throw new CliFailure('The shipped model cannot be removed; choose another in slipstream.model.');
  const { [name]: folder, ...rest } = readRegistry();
  if (folder === undefined) throw new CliFailure(`There is no model called "${name}"; see models list.`);
  writeRegistry(rest);
  process.stdout.write(`Removed ${name}; its files stay in ${folder}\n`);
}

async function load(directory: string): Promise<void> {
  await withEngine(settingsOf({ model: directory }), async (_, { info }) => {
    const time = (info.startMs / 1000).toFixed(1);
    process.stdout.write(`${info.model}: loaded as ${info.precision} on ${info.device} in ${time} s.\n`);
  });
}

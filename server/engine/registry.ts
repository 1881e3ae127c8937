import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { SlipstreamError } from '../../engine/index';
import { configDirectory } from '../paths';
import { writeWhole } from '../wholeFile';

/** The folders that were added with `models add`, by name. */
export type Registry = Readonly<Record<string, string>>;

export function registryPath(): string {
  return path.join(configDirectory(), 'models.json');
}

/** @throws SlipstreamError if the file is there but cannot be read as a registry */
export function readRegistry(): Registry {
  let text: string;
  try {
    text = readFileSync(registryPath(), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw unreadable(error);
  }
  try {
    const registry: unknown = JSON.parse(text);
    if (isRegistry(registry)) return registry;
  } catch (error) {
    throw unreadable(error);
  }
  throw unreadable(new Error('it is not an object of names and folders'));
}

export function writeRegistry(registry: Registry): void {
  const file = registryPath();
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeWhole(file, `${JSON.stringify(registry, null, 2)}\n`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SlipstreamError(
      'cache-unwritable',
      `The list of models could not be written to ${file}: ${why}; make the folder writable.`,
    );
  }
}

export function registeredModel(name: string): string | undefined {
  try {
    const registry = readRegistry();
    return Object.hasOwn(registry, name) ? registry[name] : undefined;
  } catch {
    // A broken list must not stop the editor; `models list` tells about it.
    return undefined;
  }
}

function isRegistry(value: unknown): value is Registry {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((folder) => typeof folder === 'string')
  );
}

function unreadable(error: unknown): SlipstreamError {
  const why = error instanceof Error ? error.message : String(error);
  return new SlipstreamError(
    'model-unreadable',
    `The list of models ${registryPath()} could not be read: ${why}; correct or delete it.`,
  );
}

import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Paths, relative to `folder`, of the regular files below it: a folder may be named like a source file. In a fixed order. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .sort();

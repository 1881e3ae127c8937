import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SlipstreamError } from '../../engine/index';
import { filesBelow } from './files';

/**
 * Source text that none of our models was trained on and that every checkout has after `npm ci`: these two
 * dependencies are not among the training packages (see the recipe in models/), and our own code is newer.
 */
const folders = ['node_modules/onnxruntime-common/lib', 'node_modules/protobufjs/src', 'engine', 'server'];

/**
 * The folders with that source.
 * @throws SlipstreamError request-invalid in an installed extension, which has no source
 */
export function heldOutFolders(root: string): string[] {
  const missing = folders.find((folder) => !existsSync(join(root, folder)));
  if (missing !== undefined) {
    throw new SlipstreamError(
      'request-invalid',
      `Cannot measure on held-out source because ${join(root, missing)} does not exist; run this in a checkout of the repository after \`npm ci\`.`,
    );
  }
  return folders.map((folder) => join(root, folder));
}

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Whether this is a checkout after `npm ci`. */
export const hasHeldOutSource = (root: string) => folders.every((folder) => existsSync(join(root, folder)));

/**
 * The files of each folder, in a fixed order.
 * @throws SlipstreamError request-invalid in an installed extension, which has no source
 */
export function heldOutSource(root: string): SourceFile[][] {
  return heldOutFolders(root).map((folder) =>
    filesBelow(folder)
      .filter((file) => /\.(ts|js)$/.test(file) && !file.endsWith('.d.ts'))
      .map((file) => ({ path: join(folder, file), text: readFileSync(join(folder, file), 'utf8') })),
  );
}

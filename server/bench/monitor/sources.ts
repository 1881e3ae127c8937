import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../../engine/messages';
import { filesBelow } from '../files';
import { withScratch } from '../scratch';
import type { ServedLanguage } from './languages';

/** Source in a language, on disk. */
export interface Sources {
  /** The folder that a language server takes for the project. */
  readonly root: string;
  readonly files: readonly string[];
  /** Names and versions, for the report. */
  readonly packages: readonly string[];
}

const run = promisify(execFile);
const limitMs = 120_000;
const packageList = 'packages.json';

/**
 * Unpacks a language's Debian packages under the cache directory, where they stay. Nothing is installed, so this takes no root.
 * @returns one sentence where they cannot be had
 */
export async function debianSources(
  language: ServedLanguage,
  cacheDirectory: string,
): Promise<Sources | { readonly reason: string }> {
  const home = join(cacheDirectory, 'bench', 'sources');
  const folder = join(home, language.id);
  if (!existsSync(join(folder, packageList))) {
    const partial = `${folder}.${process.pid}`;
    try {
      await withScratch(partial, async () => {
        await unpack(language, partial);
        await rm(folder, { recursive: true, force: true });
        await rename(partial, folder);
      });
    } catch (error) {
      return {
        reason: `${language.name} is not measured because Debian's ${language.packages.join(', ')} cannot be had here (${messageOf(error).split('\n')[0]}); on Debian try again after \`sudo apt-get update\`, or name folders of source with --files.`,
      };
    }
  }
  const root = join(folder, language.root);
  return {
    root,
    files: language.folders.flatMap((name) => filesIn(join(root, name), language)),
    packages: JSON.parse(readFileSync(join(folder, packageList), 'utf8')),
  };
}

/** The user's own folders of source; undefined where they have none in the language. */
export function ownSources(language: ServedLanguage, folders: readonly string[]): Sources | undefined {
  const [root] = folders;
  const files = folders.flatMap((folder) => filesIn(folder, language));
  return root === undefined || files.length === 0 ? undefined : { root, files, packages: [...folders] };
}

async function unpack({ packages, root, flags }: ServedLanguage, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const options = { cwd: folder, timeout: limitMs };
  await run('apt-get', ['download', '-qq', ...packages], options);
  const archives = (await readdir(folder)).filter((name) => name.endsWith('.deb')).sort();
  const names: string[] = [];
  for (const archive of archives) {
    await run('dpkg-deb', ['-x', archive, '.'], options);
    const { stdout } = await run('dpkg-deb', ['--show', archive], options);
    names.push(stdout.trim().replace(/\s+/g, ' '));
    await rm(join(folder, archive));
  }
  if (flags !== undefined) await writeFile(join(folder, root, 'compile_flags.txt'), `${flags.join('\n')}\n`);
  await writeFile(join(folder, packageList), JSON.stringify(names));
}

function filesIn(folder: string, { fileName }: ServedLanguage): string[] {
  return filesBelow(folder)
    .filter((name) => fileName.test(name) && !name.includes('node_modules'))
    .map((name) => join(folder, name));
}

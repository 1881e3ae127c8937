import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Looks a program up on PATH, but never in the workspace: what a project brings along is not to be run just because one of
 * its folders (`node_modules/.bin`, a virtual environment) is on PATH.
 */
export async function findProgram(
  program: string,
  folders: readonly string[],
  searchPath = process.env.PATH ?? '',
): Promise<string | undefined> {
  const candidates = path.isAbsolute(program)
    ? [program]
    : program.includes('/') || program.includes(path.sep)
      ? []
      : searchPath
          .split(path.delimiter)
          .filter((folder) => path.isAbsolute(folder))
          .flatMap((folder) => suffixes.map((suffix) => path.join(folder, program + suffix)));
  for (const candidate of candidates)
    if ((await isProgram(candidate)) && !(await isWithin(candidate, folders))) return candidate;
  return undefined;
}

/** Whether a file is in one of the folders, by its name or by what that links to. */
export async function isWithin(file: string, folders: readonly string[]): Promise<boolean> {
  const files = [path.resolve(file), await realpath(file).catch(() => path.resolve(file))];
  for (const folder of folders) {
    const roots = [path.resolve(folder), await realpath(folder).catch(() => path.resolve(folder))];
    if (roots.some((root) => files.some((one) => contains(root, one)))) return true;
  }
  return false;
}

const suffixes = process.platform === 'win32' ? ['.exe'] : [''];

function contains(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    // Not there, or not to be run by us: the next folder may have one.
    return false;
  }
}

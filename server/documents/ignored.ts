import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ignore, { type Ignore } from 'ignore';

/** What git would not take in. */
export interface IgnoredFiles {
  /**
   * Whether a `.gitignore` names a file or one of its folders.
   * @param file path
   */
  isIgnored(file: string): boolean;
}

interface Rules {
  readonly rules: Ignore;
  readonly folder: string;
}

/** Until a changed `.gitignore` is seen. */
const recheckMs = 5000;
/** Folders that no repository takes in, whether it says so or not. */
const never = new Set(['.git', 'node_modules']);

/**
 * Reads the `.gitignore` files from the root of the repository down to a file, and `.git/info/exclude`, as git does: the deepest
 * one that names a path decides, and nothing below an ignored folder comes back. What lies in no repository is judged by the
 * files of the workspace folder that holds it.
 */
export function createIgnoredFiles(folders: () => readonly string[], now = Date.now): IgnoredFiles {
  const rulesOf = remembered(readRules, now);
  const isRoot = remembered((folder) => existsSync(path.join(folder, '.git')), now);
  const answers = new Map<string, { readonly ignored: boolean; readonly since: number }>();

  function isIgnored(file: string): boolean {
    const known = answers.get(file);
    if (known !== undefined && now() - known.since < recheckMs) return known.ignored;
    const ignored = judge(file);
    if (answers.size > 1000) answers.clear();
    answers.set(file, { ignored, since: now() });
    return ignored;
  }

  function judge(file: string): boolean {
    const root = rootOf(file);
    if (root === undefined)
      return path
        .normalize(file)
        .split(path.sep)
        .some((part) => never.has(part));
    const parts = path.relative(root, file).split(path.sep);
    if (parts.some((part) => never.has(part))) return true;
    const sets: Rules[] = [];
    let folder = root;
    for (const [index, part] of parts.entries()) {
      const rules = rulesOf(folder);
      if (rules !== undefined) sets.unshift({ rules, folder });
      const isFolder = index < parts.length - 1;
      folder = path.join(folder, part);
      if (isNamed(folder, isFolder, sets)) return true;
    }
    return false;
  }

  /** The repository, or the workspace folder, that a file is in. */
  function rootOf(file: string): string | undefined {
    for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
      if (isRoot(folder)) return folder;
      if (path.dirname(folder) === folder) break;
    }
    return folders()
      .filter((folder) => file.startsWith(folder + path.sep))
      .sort((a, b) => b.length - a.length)[0];
  }

  return { isIgnored };
}

/** @param sets the deepest folder's first */
function isNamed(target: string, isFolder: boolean, sets: readonly Rules[]): boolean {
  for (const { rules, folder } of sets) {
    const relative = path.relative(folder, target).split(path.sep).join('/');
    const { ignored, unignored } = rules.test(isFolder ? `${relative}/` : relative);
    if (ignored || unignored) return ignored;
  }
  return false;
}

function readRules(folder: string): Ignore | undefined {
  const texts = [path.join(folder, '.git', 'info', 'exclude'), path.join(folder, '.gitignore')].map(textOf);
  if (texts.every((text) => text === undefined)) return undefined;
  // git tells cases apart unless it is told not to; what somebody wanted left out in one case is left out in all.
  return texts.reduce((rules, text) => (text === undefined ? rules : rules.add(text)), ignore());
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Most folders have none.
    return undefined;
  }
}

function remembered<T>(read: (key: string) => T, now: () => number): (key: string) => T {
  const known = new Map<string, { readonly value: T; readonly since: number }>();
  return (key) => {
    const there = known.get(key);
    if (there !== undefined && now() - there.since < recheckMs) return there.value;
    const value = read(key);
    if (known.size > 1000) known.clear();
    known.set(key, { value, since: now() });
    return value;
  };
}

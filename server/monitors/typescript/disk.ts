import { readFileSync, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import ts from 'typescript';

/** Texts of files, read once and again when they have changed. */
export interface Disk {
  /** Undefined where there is no such file, or none that can be read. */
  text(fileName: string): string | undefined;
  snapshot(fileName: string): ts.IScriptSnapshot | undefined;
  /** The same as long as the text is. */
  version(fileName: string): number;
  /** What is not kept is not looked after either: for files that are read once. */
  readOnce(fileName: string): string | undefined;
  /**
   * Looks which files have changed. Where that has been done not long ago nobody need wait for it: in a project of 10,000
   * files it takes longer than an answer.
   */
  refresh(): Promise<void>;
}

interface KnownFile {
  readonly snapshot: ts.IScriptSnapshot | undefined;
  readonly text: string | undefined;
  readonly mtimeMs: number;
}

/** So often it is looked whether files have changed. */
const staleMs = 5000;
/** Longer ago, and the next question waits for it. */
const tooStaleMs = 60_000;
/** So many files are looked at together. */
const together = 64;

export function createDisk(): Disk {
  const files = new Map<string, KnownFile>();
  let lookedAt = performance.now();
  let looking: Promise<void> | undefined;

  const get = (fileName: string): KnownFile => {
    const known = files.get(fileName) ?? read(fileName);
    files.set(fileName, known);
    return known;
  };

  const lookAt = async (fileName: string, known: KnownFile): Promise<void> => {
    const mtimeMs = await stat(fileName).then(
      (found) => found.mtimeMs,
      () => 0,
    );
    if (mtimeMs !== known.mtimeMs && files.get(fileName) === known) files.delete(fileName);
  };
  const look = async (): Promise<void> => {
    const all = [...files];
    for (let i = 0; i < all.length; i += together)
      await Promise.all(all.slice(i, i + together).map(([fileName, known]) => lookAt(fileName, known)));
    lookedAt = performance.now();
    looking = undefined;
  };

  return {
    text: (fileName) => get(fileName).text,
    snapshot: (fileName) => get(fileName).snapshot,
    version: (fileName) => get(fileName).mtimeMs,
    readOnce: (fileName) => (files.get(fileName) ?? read(fileName)).text,
    async refresh() {
      const age = performance.now() - lookedAt;
      if (age < staleMs) return;
      looking ??= look();
      if (age > tooStaleMs) await looking;
    },
  };
}

function read(fileName: string): KnownFile {
  try {
    // In this order a file that changes meanwhile is read again.
    const { mtimeMs } = statSync(fileName);
    const text = readFileSync(fileName, 'utf8');
    return { text, snapshot: ts.ScriptSnapshot.fromString(text), mtimeMs };
  } catch {
    return { text: undefined, snapshot: undefined, mtimeMs: 0 };
  }
}

import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { languageOf } from '../../languages';
import { CliFailure } from '../failure';
import { whyUnreadable } from '../source';

const skippedFolders = new Set(['node_modules', 'dist', 'build', 'out', 'vendor']);
/** Bytes. Smaller files have no context, larger ones are mostly generated. */
const fileSize = { least: 512, most: 512 * 1024 };
/** Minified code has few line breaks. */
const longestMeanLine = 120;

/** The lines of a text file; none if it is not one, or minified. */
export function readLines(file: string): readonly string[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)).replaceAll('\r\n', '\n');
  } catch {
    // Not UTF-8 or no longer there: there are other files.
    return [];
  }
  const lines = text.split('\n');
  return text.includes('\0') || text.length / lines.length > longestMeanLine ? [] : lines;
}

export function remembered<T>(read: (file: string) => T): (file: string) => T {
  const known = new Map<string, T>();
  return (file) => {
    const value = known.get(file) ?? read(file);
    known.set(file, value);
    return value;
  };
}

/** Source files below `folder`, sorted so that the order does not depend on the file system. */
export function sourceFiles(folder: string, note: (message: string) => void): string[] {
  const found: string[] = [];
  const visit = (directory: string): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const full = path.join(directory, entry.name);
      const isFolder = entry.isDirectory() && !entry.name.startsWith('.') && !skippedFolders.has(entry.name);
      try {
        if (isFolder) visit(full);
        else if (entry.isFile() && isSource(full)) found.push(full);
      } catch (error) {
        note(`Skipped ${full}, which cannot be read: ${whyUnreadable(error)}.`);
      }
    }
  };
  try {
    visit(folder);
  } catch (error) {
    throw new CliFailure(`${folder} cannot be read: ${whyUnreadable(error)}; name a folder.`, {
      cause: error,
    });
  }
  return found.sort();
}

function isSource(file: string): boolean {
  if (/\.min\.\w+$/.test(file) || ['plaintext', 'json', 'markdown'].includes(languageOf(file))) return false;
  const { size } = statSync(file);
  return size >= fileSize.least && size <= fileSize.most;
}

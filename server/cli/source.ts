import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { languageOf } from '../languages';
import { CliFailure } from './failure';

/**
 * Opens a file as an editor would: UTF-8, without a byte order mark.
 * @throws CliFailure if it cannot be read or is not UTF-8 text
 */
export function openFile(file: string): TextDocument {
  const uri = pathToFileURL(path.resolve(file)).href;
  return TextDocument.create(uri, languageOf(file), 1, decode(file, readBytes(file)));
}

export function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new CliFailure(`${file} cannot be read: ${whyUnreadable(error)}; check the path.`, {
      cause: error,
    });
  }
}

function decode(file: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    // Binary files go on, so that the answer is the same as in the editor: they have NUL characters.
    if (bytes.includes(0)) return bytes.toString('utf8');
    throw new CliFailure(`${file} is not valid UTF-8, so places in it are not certain; save it as UTF-8.`, {
      cause: error,
    });
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'permission is denied',
  ENOTDIR: 'a part of its path is not a folder',
};

export function whyUnreadable(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return reasons[code] ?? (error instanceof Error ? error.message : String(error));
}

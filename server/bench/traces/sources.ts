import { readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SlipstreamError } from '../../../engine/index';
import { filesBelow } from '../files';
import { hasHeldOutSource, heldOutSource, type SourceFile } from '../heldOut';
import { linesOf } from './text';

const languages: Readonly<Record<string, string>> = {
  '.ts': 'typescript',
  '.tsx': 'typescriptreact',
  '.js': 'javascript',
  '.mjs': 'javascript',
  '.cjs': 'javascript',
  '.jsx': 'javascriptreact',
  '.py': 'python',
  '.go': 'go',
  '.rs': 'rust',
  '.java': 'java',
  '.c': 'c',
  '.cpp': 'cpp',
  '.cs': 'csharp',
};
const skipped = /(^|[/\\])(node_modules|dist|build|out|\.[^/\\]*)[/\\]/;
/** Nobody waits for the whole of a large workspace to be read. */
const mostFiles = 400;

export const languageOf = (path: string) => languages[extname(path)] ?? 'plaintext';

/** The bundler's line before each of our modules. */
const moduleMark = /^\/\/ ((?:engine|server)\/\S+\.ts)$/gm;

/**
 * Source to edit, in a fixed order: the user's folders if there are any, the held-out source of a checkout, and in an
 * installed extension, which has neither, the modules in Slipstream's own bundle: no model was trained on them either.
 * @throws SlipstreamError request-invalid where the folders hold no source
 */
export function traceSources(root: string, folders: readonly string[] = []): SourceFile[] {
  if (folders.length === 0) {
    return hasHeldOutSource(root) ? heldOutSource(root).flat() : bundledModules(root);
  }
  const files = folders.flatMap(pathsIn).slice(0, mostFiles).flatMap(readable);
  if (files.length > 0) return files;
  throw new SlipstreamError(
    'request-invalid',
    `Cannot replay edits because ${folders.join(', ')} holds no source file; choose a folder that has some, or the built-in text.`,
  );
}

function pathsIn(folder: string): string[] {
  return filesBelow(folder)
    .filter(
      (file) => languages[extname(file)] !== undefined && !skipped.test(file) && !file.endsWith('.d.ts'),
    )
    .map((file) => join(folder, file));
}

/** A file that cannot be read is left out. */
function readable(path: string): SourceFile[] {
  try {
    return [{ path, text: readFileSync(path, 'utf8') }];
  } catch {
    return [];
  }
}

export function bundledModules(root: string): SourceFile[] {
  const bundle = readFileSync(join(root, 'dist', 'cli.js'), 'utf8');
  const marks = [...bundle.matchAll(moduleMark)];
  return marks.map((mark, i) => ({
    path: join(root, String(mark[1])),
    text: bundle.slice(mark.index + mark[0].length + 1, marks[i + 1]?.index),
  }));
}

/** A document that is cut from source, and other code to insert into it. */
export interface SampleDocument {
  readonly uri: string;
  readonly languageId: string;
  readonly text: string;
  readonly donor: string;
}

/**
 * Documents of about `tokens` tokens: the beginnings of the files that are long enough, those of different folders
 * first, then short files one behind another.
 * @param count tokens of a text
 */
export function sampleDocuments(
  files: readonly SourceFile[],
  wanted: number,
  tokens: number,
  count: (text: string) => number,
): SampleDocument[] {
  const long = files.flatMap((file) => {
    const text = file.text.includes('\r') ? undefined : headOf(file.text, tokens, count);
    return text === undefined ? [] : [{ path: file.path, text }];
  });
  const chosen = spread(long, wanted);
  if (chosen.length < wanted) chosen.push(...joined(files, wanted - chosen.length, tokens, count));
  return chosen.map(({ path, text }, i) => ({
    uri: pathToFileURL(join('/slipstream-bench', `${i}-${basename(path)}`)).href,
    languageId: languageOf(path),
    text,
    donor:
      files.find((file) => file.path !== path && languageOf(file.path) === languageOf(path))?.text ?? text,
  }));
}

/** The first whole lines that come to about `tokens` tokens; undefined where the text is shorter. */
function headOf(text: string, tokens: number, count: (text: string) => number): string | undefined {
  if (text.length < tokens) return undefined;
  const lines = linesOf(text);
  const upTo = (line: number) => text.slice(0, lines[line]?.end);
  if (count(upTo(lines.length - 1)) < tokens) return undefined;
  let low = 0;
  let high = lines.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (count(upTo(middle)) <= tokens) low = middle;
    else high = middle;
  }
  return `${upTo(low)}\n`;
}

function joined(
  files: readonly SourceFile[],
  wanted: number,
  tokens: number,
  count: (text: string) => number,
): SourceFile[] {
  const documents: SourceFile[] = [];
  let parts: SourceFile[] = [];
  for (const file of files) {
    if (documents.length === wanted) break;
    parts.push({ ...file, text: file.text.replaceAll('\r', '') });
    const head = headOf(parts.map(({ text }) => text).join('\n'), tokens, count);
    if (head === undefined) continue;
    documents.push({ path: parts[0]?.path ?? file.path, text: head });
    parts = [];
  }
  return documents;
}

function spread<T>(items: readonly T[], wanted: number): T[] {
  if (items.length <= wanted) return [...items];
  return Array.from({ length: wanted }, (_, i) => items[Math.floor((i * items.length) / wanted)] as T);
}

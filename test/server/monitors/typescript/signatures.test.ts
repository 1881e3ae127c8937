import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { createProjects, type Projects } from '../../../../server/monitors/typescript/project';
import { signaturesAt } from '../../../../server/monitors/typescript/signatures';
import { temporaryFolder } from '../../../support/folder';

const folder = temporaryFolder();
let root: string;
const library = join(import.meta.dirname, '../../../../node_modules/typescript/lib');
let projects: Projects;

beforeAll(() => {
  root = folder('project');
  mkdirSync(root, { recursive: true });
  const files = {
    'tsconfig.json': '{ "compilerOptions": { "strict": true } }',
    'shelf.ts': `import type { Book } from './book';
/** Holds books. */
export class Shelf extends Array<Book> {
  #secret = 1;
  private readonly hidden = 2;
  readonly colour: string = 'red';
  /** Takes one off. */
  take(title: string): Book | undefined {
    return this.find((book) => book.title === title);
  }
}
export function longest(shelf: Shelf): Book {
  return shelf.take('') as Book;
}
export const most = 10;
`,
    'book.ts': `export interface Book {
  // What it is called.
  title: string;
  pages: number;
}
`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  projects = createProjects(library);
});

const signatures = (text: string, room?: number) =>
  declared(text, room).map(({ path, text }) => ({ path, text }));

function declared(text: string, room = 10_000) {
  const position = text.indexOf('|');
  const file = projects.analyse(join(root, 'main.ts'), text.replace('|', ''));
  if (file === undefined) throw new Error('no program');
  return signaturesAt(file, position, room);
}

const shelf = `export class Shelf extends Array<Book> {
  colour: string;
  take(title: string): Book | undefined;
}`;

describe('signatures of what other files declare', () => {
  const imports = "import { longest, most, Shelf } from './shelf';\nimport { join } from 'node:path';\n";

  test('are outlines of what is imported and used, in the order of the imports, without packages', () => {
    const found = signatures(`${imports}const all = new Shelf();\nconst path = join('a', longest(all).|);\n`);
    expect(found).toEqual([
      { path: 'shelf.ts', text: `export function longest(shelf: Shelf): Book;\n${shelf}` },
      { path: 'book.ts', text: 'export interface Book {\n  title: string;\n  pages: number;\n}' },
    ]);
  });

  test('are those of the type before the dot first where there is little room, then of what is nearest', () => {
    const text = `${imports}const all = new Shelf();\nconst path = join('a', longest(all).|);\n`;
    expect(signatures(text, 70)).toEqual([{ path: 'book.ts', text: expect.stringContaining('pages') }]);
    expect(signatures(text, 150).map(({ path }) => path)).toEqual(['shelf.ts', 'book.ts']);
    expect(signatures(text, 10)).toEqual([]);
  });

  test('tell which file each is from', () => {
    const text = `${imports}longest(new Shelf()).|\n`;
    const from = (name: string) => pathToFileURL(join(root, name)).href;
    expect(declared(text).map(({ uri }) => uri)).toEqual([from('shelf.ts'), from('book.ts')]);
  });

  test('stay in their places when the caret moves on', () => {
    const here = `${imports}longest(new Shelf());\n|\nmost;\n`;
    const there = `${imports}|longest(new Shelf());\n\nmost;\n`;
    expect(signatures(here)).toEqual(signatures(there));
    expect(signatures(here)[0]?.text).toContain('const most: 10;');
  });

  test('leave out what is not used near, and what the file declares itself', () => {
    expect(signatures(`${imports}class Own {}\nnew Own().|\n`)).toEqual([]);
    expect(signatures(`${imports}${' '.repeat(2000)}\n|${'\n'.repeat(2000)}new Shelf();\n`)).toEqual([]);
  });
});

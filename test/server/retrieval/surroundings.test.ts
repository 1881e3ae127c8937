import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultSettings, type Settings } from '../../../server/protocol';
import { createSurroundings, fileOf, type Surroundings } from '../../../server/retrieval/surroundings';

let folder: string;
let folders: string[];
let settings: Settings;
let surroundings: Surroundings;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipstream-surroundings-'));
  folders = [folder];
  settings = defaultSettings;
  surroundings = createSurroundings({
    settings: () => settings,
    analyst: {
      triggers: () => [],
      ask: async () => ({ reason: 'never asked' }),
      signatures: async () => [],
      dispose: async () => {},
    },
    folders: () => folders,
    roots: () => folders,
    openDocuments: () => [],
    cellsOf: () => [],
  });
});
afterEach(() => rmSync(folder, { recursive: true }));

const uriOf = (name: string) => pathToFileURL(path.join(folder, name)).href;
const cellOf = (name: string) => `${uriOf(name).replace('file://', 'vscode-notebook-cell:')}#W0sZmlsZQ%3D%3D`;

describe('what other files may be shown', () => {
  it('is nothing that git ignores, also in the cells of a notebook', () => {
    mkdirSync(path.join(folder, '.git'));
    writeFileSync(path.join(folder, '.gitignore'), 'drafts/');
    for (const name of ['drafts/a b.ipynb', 'a b.ipynb']) {
      const isAllowed = !name.startsWith('drafts');
      expect(surroundings.isAllowed(uriOf(name)), name).toBe(isAllowed);
      expect(surroundings.isAllowed(cellOf(name)), name).toBe(isAllowed);
    }
  });

  it('is nothing that is secret in a folder of the workspace, as long as it is one', () => {
    settings = { ...settings, secretFiles: { 'config/prod.*': true } };
    const uris = [uriOf('config/prod.yaml'), cellOf('config/prod.ipynb')];
    expect(uris.map(surroundings.isAllowed)).toEqual([false, false]);
    folders = [];
    expect(uris.map(surroundings.isAllowed)).toEqual([true, true]);
    folders = [folder];
    expect(uris.map(surroundings.isAllowed)).toEqual([false, false]);
  });
});

describe('the path of a document', () => {
  it.each([
    ['file:///work/a%20b.ipynb', 'vscode-notebook-cell:/work/a%20b.ipynb#W0sZmlsZQ%3D%3D'],
    ['file:///c%3A/work/a.ipynb', 'vscode-notebook-cell:/c%3A/work/a.ipynb#W1sZmlsZQ%3D%3D'],
    ['file:///work/a.ipynb', 'vscode-notebook-cell://ssh-remote%2Bhost/work/a.ipynb#X10sdnNjb2Rl'],
  ])('like %s is the same for its cells', (notebook, cell) => {
    expect(fileOf(notebook)).toBeDefined();
    expect(fileOf(cell)).toBe(fileOf(notebook));
  });

  it.each([
    'untitled:Untitled-1',
    'vscode-notebook-cell:Untitled-1.ipynb#W0sdW50aXRsZWQ%3D',
    'vscode-remote://ssh-remote%2Bhost/work/a.ts',
    'file://host/work/%2F',
  ])('is none for %s', (uri) => {
    expect(fileOf(uri)).toBeUndefined();
  });
});

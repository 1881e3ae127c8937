import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileNameOf } from '../../../../server/monitors/typescript/fileNames';
import { createProjects } from '../../../../server/monitors/typescript/project';

const library = join(import.meta.dirname, '../../../../node_modules/typescript/lib');

test.each([
  ['file:///c%3A/shop/a%20b.ts', 'c:/shop/a b.ts'],
  ['file:///C:/shop/a.ts', 'c:/shop/a.ts'],
  ['file://server/shop/a.ts', '//server/shop/a.ts'],
  ['untitled:Untitled-1', undefined],
  ['file:///shop/a.ts', undefined],
])('on Windows %s is %s', (uri, fileName) => {
  expect(fileNameOf(uri, true)).toBe(fileName);
});

test('elsewhere a document has the name that its file has', () => {
  expect(fileNameOf('file:///shop/C%3A/a%5Cb.ts', false)).toBe('/shop/C:/a\\b.ts');
});

test('the compiler reads what is open, and what would be written, under names of Windows', () => {
  const projects = createProjects(library);
  const nameOf = (name: string) => fileNameOf(`file:///c%3A/shop/${name}`, true) ?? '';
  projects.setText(nameOf('row.ts'), 'declare const row: { unsaved: string };');
  const text = '/// <reference path="row.ts" />\nrow.';
  const file = projects.analyse(nameOf('main.ts'), text);
  expect(file?.source.text).toBe(text);
  const names = file?.service.getCompletionsAtPosition(file.fileName, text.length, {})?.entries;
  expect(names?.map(({ name }) => name)).toEqual(['unsaved']);
});

test.runIf(process.platform === 'linux')("names that differ in their letters' case are two files", () => {
  const projects = createProjects(library);
  projects.setText('/shop/Row.ts', 'declare const first: { upper: string };');
  projects.setText('/shop/row.ts', 'declare const second: { lower: string };');
  const text = '/// <reference path="Row.ts" />\n/// <reference path="row.ts" />\nsecond.';
  const file = projects.analyse('/shop/main.ts', text);
  const names = file?.service.getCompletionsAtPosition(file.fileName, text.length, {})?.entries;
  expect(names?.map(({ name }) => name)).toEqual(['lower']);
});

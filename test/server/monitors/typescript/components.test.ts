import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { LegalWords, MonitorAnswer } from '../../../../engine/index';
import { answerAt } from '../../../../server/monitors/typescript/answers';
import { createProjects } from '../../../../server/monitors/typescript/project';
import { triggersOf } from '../../../../server/monitors/typescript/triggers';
import { temporaryFolder } from '../../../support/folder';

const folder = temporaryFolder();
const library = join(import.meta.dirname, '../../../../node_modules/typescript/lib');
const projects = createProjects(library);
const config =
  '{ "compilerOptions": { "strict": true, "target": "es2022", "jsx": "preserve", "allowJs": true } }';
let root: string;

const elements = `declare namespace JSX {
  interface Element { readonly isElement: true }
  interface ElementClass { render(): Element }
  interface ElementAttributesProperty { props: {} }
  interface ElementChildrenAttribute { children: {} }
  type Node = Element | string | number | null | undefined | readonly Node[];
  interface IntrinsicElements {
    div: { id?: string; children?: Node };
    span: { children?: Node; render?: Node; make?: () => Node };
    'font-face': {};
  }
}
`;
const parts = `export function Box(props: { wide?: boolean; children?: JSX.Node }): JSX.Element { throw props; }
export class Panel { props = {}; render(): JSX.Element { throw 0; } }
export const Lazy: (props: {}) => JSX.Element = Box;
export const Tag: 'div' | 'span' = 'div';
export const Limit = 3;
export interface Shape { area: number }
export const motion = { Part: Box, div: Box };
export namespace Menu { export const Item = Box; }
`;
const imports = `import { Box, Lazy, Limit, Menu, motion, Panel, type Shape, Tag } from './parts';
import { Missing } from './nowhere';
`;

beforeAll(() => {
  root = folder('project');
  mkdirSync(root, { recursive: true });
  for (const [name, text] of Object.entries({
    'tsconfig.json': config,
    'elements.d.ts': elements,
    'parts.tsx': parts,
  }))
    writeFileSync(join(root, name), text);
});

/** @param text with a bar at the place */
function ask(text: string, name = 'main.tsx', project = root): MonitorAnswer {
  const [before = '', after = ''] = (imports + text).split('|');
  const asked = triggersOf('typescriptreact').flatMap(({ kind, pattern }) =>
    new RegExp(`(?:${pattern})$`, 'u').exec(before.slice(-400))?.[1] === '' ? [kind] : [],
  );
  const file = projects.analyse(join(project, name), before + after);
  return file === undefined ? { reason: 'no file' } : answerAt(file, before.length, asked);
}
function words(text: string, name?: string): readonly string[] {
  const answer = ask(text, name);
  if (!('legal' in answer)) throw new Error(answer.reason);
  return answer.legal.flatMap((legal) => (legal as LegalWords).words);
}
const legal = (text: string, name?: string, project?: string): boolean => 'legal' in ask(text, name, project);

test('behind < are the elements and components that there are', () => {
  const found = words('function Page() { return (\n  <|');
  const some = [
    'div',
    'span',
    'font-face',
    'Box',
    'Panel',
    'Lazy',
    'Tag',
    'Menu.',
    'motion.',
    'Missing',
    'Page',
  ];
  expect(found).toEqual(expect.arrayContaining([...some, 'this.']));
  for (const none of ['Limit', 'Shape', 'Map', 'motion', 'section', 'undefined'])
    expect(found).not.toContain(none);
});

test.each([
  ['among the children of an element', 'const page = <div>\n  Some text\n  <|\n</div>;'],
  ['among those of a fragment', 'const page = <>\n  <|'],
  ['behind an element', 'const page = <div><Box /><|'],
  ['in the braces of a child', 'const page = <div>{Limit > 2 ? <|'],
  ['for every one of a list', 'const page = <div>{[1].map((n) => (\n  <|'],
  ['behind an operator', 'const page = <div>{Limit > 2 && <|'],
  ['behind the operator of a value', 'const page = Limit > 2 && (\n  <|'],
  ['returned by a component', 'const Page = () => {\n  if (Limit > 2) return <|'],
  ['where an element is expected', 'const page: JSX.Element = <|'],
  ['in an attribute', 'const page = <span render={<|'],
])('elements are known %s', (_, text) => {
  const found = words(text);
  expect(found).toEqual(expect.arrayContaining(['div', 'Box']));
  expect(found).not.toContain('section');
});

test.each([
  ['a comparison', 'const page = Limit\n  <|'],
  ['a type argument', 'const page = Box<|'],
  ['what may be a function with type parameters', 'const page = <|'],
  ['what is expected to be a function', 'const page = <span make={<|'],
  ['an argument of any type', 'declare function take(a: unknown): void;\ntake(<|'],
  ['what a function returns that is no component', 'function page() { return <|'],
  ['a string', 'const page = "\\n<|'],
  ['a comment', '/*\n <|'],
])('nothing is known behind the < of %s', (_, text) => {
  expect(legal(text)).toBe(false);
});

test('JavaScript has no type parameters, so that every < of an element is one', () => {
  expect(words('const page = <|', 'main.jsx')).toEqual(expect.arrayContaining(['div', 'Box']));
});

test.each([
  ['an element', 'const page = <div>a<span>b</|', ['span']],
  ['the one around', 'const page = <div><span>b</span>\n</|\n);', ['div']],
  ['a component of a namespace', 'const page = <motion.Part wide>a</|', ['motion.Part']],
  ['one with a hyphen', 'const page = <font-face></|', ['font-face']],
  ['before another that is closed', 'const page = <div>\n  <Box>a</|\n</div>;', ['Box']],
  ['a fragment', 'const page = <><Box /></|', ['>', ' ']],
  ['behind a list', 'const page = <div>{[1].map((n) => <Box>{n}</Box>)}</|', ['div']],
])('behind </ is the name of what is open: %s', (_, text, expected) => {
  expect(words(text)).toEqual(expected);
});

test.each(['const page = "</|', 'const page = 1 </|', '// </|'])('%s closes nothing', (text) => {
  expect(legal(text)).toBe(false);
});

test('where elements of any name are built in, or none are known, none is forbidden', () => {
  for (const [name, declared] of Object.entries({
    'any element': elements.replace(
      'interface IntrinsicElements {',
      'interface IntrinsicElements { [name: string]: any;',
    ),
    'no elements': 'export {};',
  })) {
    const project = folder(name);
    mkdirSync(project, { recursive: true });
    writeFileSync(join(project, 'tsconfig.json'), config);
    writeFileSync(join(project, 'elements.d.ts'), declared);
    expect(legal('const page = <div><|', 'main.tsx', project)).toBe(false);
  }
});

test('a trigger holds where an element may begin or end', () => {
  const kindsAt = (text: string) =>
    triggersOf('typescriptreact').flatMap(({ kind, pattern }) =>
      new RegExp(`(?:${pattern})$`, 'u').exec(text)?.[1] === '' ? [kind] : [],
    );
  for (const text of [
    '<',
    'return <',
    'a && <',
    'f(<',
    '<div><',
    '<div>\n  <',
    'x => <',
    '{<',
    'export default <',
  ])
    expect(kindsAt(text), text).toContain('component');
  for (const text of ['a <', 'useState<', 'f() <', '1 << <', 'a[0] <'])
    expect(kindsAt(text), text).toEqual([]);
  expect(kindsAt('<div></')).toEqual(['closing']);
});

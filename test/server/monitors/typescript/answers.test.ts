import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { LegalArguments, LegalWords, MonitorAnswer } from '../../../../engine/index';
import { answerAt } from '../../../../server/monitors/typescript/answers';
import { analyseHypothesis } from '../../../../server/monitors/typescript/hypothesis';
import { createProjects } from '../../../../server/monitors/typescript/project';
import { triggersOf } from '../../../../server/monitors/typescript/triggers';
import { temporaryFolder } from '../../../support/folder';

const folder = temporaryFolder();
const library = join(import.meta.dirname, '../../../../node_modules/typescript/lib');
const projects = createProjects(library);
let root: string;

const shapes = `export interface Shape { readonly name: string; area(): number; corner?: { x: number; y: number } }
export type Side = 'north' | 'south' | 'east';
export enum Colour { Red, Green }
export class Square implements Shape {
  name = 'square';
  #secret = 1;
  private hidden = 2;
  constructor(readonly size: number, label?: string) {}
  area() { return this.size ** 2; }
  turn(side: Side, ...more: number[]): void {}
}
export function scale(shape: Shape, factor: number): Shape { return shape; }
export function pair(a: number): void;
export function pair(a: number, b: string): void;
export function pair(): void {}
export declare function paint(options: { colour: Colour; width?: number }): void;
export declare function generic<T extends { a: number }>(value: T): T;
`;
const imports = `import { Colour, generic, paint, pair, type Shape, type Side, scale, Square } from './shapes';\n`;

beforeAll(() => {
  root = folder('project');
  for (const [name, text] of Object.entries({
    'tsconfig.json': '{ "compilerOptions": { "strict": true, "target": "es2022", "jsx": "preserve" } }',
    'shapes.ts': shapes,
    'globals.d.ts': 'declare const deployed: { readonly at: Date };\n',
    'open.ts': `export type Loose = 'a' | 'b' | (string & {});
export type Hash = 'a' | 'b' | \`#\${string}\`;
export type Upper = 'a' | 'b' | Uppercase<string>;
export type Closed = 'a' | 'b' | undefined;
export declare function take(loose: Loose): void;
`,
    'whole.d.ts': `declare module 'whole' {
  interface Whole { join(...paths: string[]): string }
  namespace whole { interface Parsed { a: 1 } }
  const whole: Whole;
  export = whole;
}
declare module 'anything' { const all: any; export = all; }
`,
  })) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
});

/** @param text with a bar at the place */
function ask(kind: string, text: string, name = 'main.ts'): MonitorAnswer {
  const [before = '', after = ''] = (imports + text).split('|');
  const file = analyseHypothesis(projects, join(root, name), before, after);
  return file === undefined ? { reason: 'no file' } : answerAt(file, before.length, [kind]);
}
function words(kind: string, text: string, name?: string): readonly string[] {
  const answer = ask(kind, text, name);
  if (!('legal' in answer)) throw new Error(answer.reason);
  return (answer.legal[0] as LegalWords).words;
}
function reason(kind: string, text: string, name?: string): string {
  const answer = ask(kind, text, name);
  if ('legal' in answer) throw new Error(JSON.stringify(answer.legal).slice(0, 200));
  return answer.reason;
}

describe('members', () => {
  test.each([
    ['a value', 'declare const s: Shape;\ns.|;\n', ['name', 'area', 'corner'], ['size', 'length']],
    ['one that may be undefined', 'declare const s: Shape;\ns.corner?.|\n', ['x', 'y'], ['name']],
    ['what may be missing', 'declare const o: { f?: { a: 1 } };\no.f?.|\n', ['a', '(', '['], ['name']],
    ['one that is said not to be', 'declare const s: Shape;\ns.corner!.|\n', ['x', 'y'], ['name']],
    [
      'the middle of a line',
      'declare const s: Shape;\nconst n = scale(s, 2).|\nconst m = 1;\n',
      ['area'],
      ['m'],
    ],
    ['an open bracket', 'declare const s: Shape;\nconsole.log(scale(s, s.|\n', ['name'], ['log']],
    ['an enum', 'const c = Colour.|;\n', ['Red', 'Green'], ['Blue', 'name']],
    ['an ambient global', 'deployed.|;\n', ['at'], ['name']],
    ['a string', '"a".|', ['length', 'trim'], ['push']],
    ['a value, on a line of its own', 'declare const s: Shape;\ns\n  .|\nfoo();', ['name'], ['size']],
    [
      'this where the line is not finished',
      'class A { names = [""]; all() {\nfor (const name of this.|\nif (name) return name;\n}\n}\n}\n',
      ['names', 'all'],
      ['if', 'name'],
    ],
    [
      'this where the block that a line opened is not there yet',
      'class A { all() {\nfor (const name of this.|\nif (name) return name;\n}\n}\nnames = [""];\n}\n',
      ['names', 'all'],
      ['if', 'name'],
    ],
  ])('behind %s', (_, text, some, none) => {
    const found = words('member', text);
    expect(found).toEqual(expect.arrayContaining(some));
    expect(found.filter((word) => none.includes(word))).toEqual([]);
  });

  test('are those that the place may see', () => {
    expect(words('member', 'new Square(1).|')).not.toContain('hidden');
    expect(words('member', 'class A { #own = 1; get() { return this.| } }')).toEqual(['#own', 'get']);
  });

  test.each([
    ['any', 'declare const a: any;\na.|', /is any/],
    ['unknown', 'declare const a: unknown;\na.|', /is unknown/],
    ['an index signature', 'declare const a: Record<string, number>;\na.|', /index signature/],
    ['an error', 'missing.|', /is any|no members|error/],
    ['a function of the file', 'function f() {}\nf.|', /may get new members/],
    ['no expression', 'const path = "./|"', /no expression/],
    ['prose', '// see the end. |\n', /no expression/],
  ])('are not restricted behind %s', (_, text, why) => {
    expect(reason('member', text)).toMatch(why);
  });

  test('of what JavaScript may change are not restricted, those of others are', () => {
    expect(reason('member', 'const a = {};\na.|', 'main.js')).toMatch(/JavaScript|members/);
    expect(words('member', 'const a = new Map();\na.|', 'main.js')).toContain('get');
  });
  test('of functions of JavaScript may be called with anything', () => {
    const text = 'class A { take() {} }\nclass B extends A { take(a) { super.take(a); } }\nnew B().take(|';
    expect(ask('call', text, 'main.js')).toMatchObject({ legal: [{ least: 0 }] });
    expect(JSON.stringify(ask('call', text, 'main.js'))).not.toContain('most');
  });
});

describe('calls', () => {
  const counts = (text: string) => {
    const answer = ask('call', text);
    if (!('legal' in answer)) throw new Error(answer.reason);
    const { least, most } = answer.legal[0] as LegalArguments;
    return [least, most];
  };
  test.each([
    ['all needed', 'scale(|', [2, 2]],
    ['an optional one', 'new Square(|', [1, 2]],
    ['the rest', 'new Square(1).turn(|', [1, undefined]],
    ['overloads', 'pair(|);', [1, 2]],
    ['one that may be void', 'new Promise<void>((done) => done(|', [0, 1]],
    ['a method that may be missing', 'declare const s: { f?: (a: number) => void };\ns.f?.(|', [1, 1]],
  ])('with %s', (_, text, expected) => {
    expect(counts(text)).toEqual(expected);
  });
  test.each(['if (|', 'function f(|', 'missing(|', 'class A { m(| }'])('%s is not counted', (text) => {
    expect(reason('call', text)).not.toBe('');
  });
});

describe('other names', () => {
  test('of imports are what the module exports', () => {
    const found = words('import', `import { | } from './shapes';\n`);
    expect(found).toEqual(expect.arrayContaining(['Shape', 'Square', 'scale', 'type ']));
    expect(found).not.toContain('hidden');
    expect(words('import', `export { | } from './shapes';\n`)).toContain('Colour');
    expect(reason('import', `import { | \nimport { a } from './shapes';\n`)).toMatch(/not said yet/);
    expect(reason('import', `import { | } from './missing';\n`)).toMatch(/not found/);
    expect(words('import', `import { | } from 'whole';\n`)).toEqual(
      expect.arrayContaining(['join', 'Parsed']),
    );
    expect(reason('import', `import { | } from 'anything';\n`)).toMatch(/not known/);
  });

  test('behind new are classes, and what may have some', () => {
    const found = words('class', 'const a = new |;\n');
    expect(found).toEqual(expect.arrayContaining(['Square', 'Map', 'Colour.', 'this.']));
    expect(words('class', 'const Both = Map;\nnamespace Both { export type A = 1 }\nnew |;\n')).toContain(
      'Both',
    );
    expect(found).not.toContain('scale');
    expect(found).not.toContain('Shape');
  });

  test('behind new is what JavaScript makes classes of', () => {
    const text = 'const F = (function () { function G() {} return G; })();\nnew |;\n';
    expect(words('class', text, 'old.js')).toEqual(expect.arrayContaining(['F', 'exports.', 'super.']));
    expect(words('class', text)).not.toContain('exports.');
  });

  test('behind a word `new` in a text within what is made is anything', () => {
    expect(reason('class', "const words = new Set('let match new |nil none'.split(' '));\n")).toContain(
      'Nothing is made',
    );
    expect(words('class', 'const outer = new Map(new |);\n')).toContain('Set');
  });

  test('behind new are classes that the file exports, too', () => {
    expect(words('class', 'export class Own { static make() { return new |\n } }\n')).toContain('Own');
  });
  test('in strings are not one that a condition may have left of others', () => {
    const text = "let c: any = '';\nif (c === 'a') do { if (c === '|') c = next(); } while (c);\n";
    expect(reason('literal', text)).toMatch(/only string|No type/);
  });
  test('in strings are not known where a call around decides', () => {
    const text = `const of = (n: number[]): Side[] => n.map((i) => {
  if (i > 0) return '|
  return i === 0 ? 'north' : 'south';
});
`;
    expect(reason('literal', text)).toMatch(/decides itself|No type/);
  });
  test('in strings are those of the union', () => {
    expect(words('literal', `new Square(1).turn('|`)).toEqual(["north'", "south'", "east'"]);
    const open = `import { take, type Closed, type Hash, type Loose, type Upper } from './open';\n`;
    for (const text of [
      `const a: Loose = '|';`,
      `let h: Hash;\nh = '|';`,
      `const o: { a?: Upper } = { a: '|' };`,
      `declare const a: Loose;\nif (a === '|') {}`,
      `declare const a: Loose;\nif ('|' !== a) {}`,
      `declare const a: Hash;\nswitch (a) { case '|': }`,
      `take('|');`,
    ])
      expect(reason('literal', open + text), text).toMatch(/Other strings/);
    expect(words('literal', `${open}const a: Closed = '|';`)).toEqual(["a'", "b'"]);
    expect(words('literal', `declare const s: Side;\nif (s === "|") {}`)).toContain('south"');
    expect(words('literal', `declare const s: Side;\nswitch (s) { case '|': }`)).toContain("east'");
    expect(reason('literal', `const s = '|`)).toMatch(/No type/);
    expect(reason('literal', `declare const a: string;\nif (a === '|') {}`)).not.toBe('');
    expect(reason('literal', `[1].map((n) => (n === 0 ? 'a' : '|`)).not.toBe('');
    expect(
      reason('literal', `declare function f(a: 'x'): void;\ndeclare function f(a: 'y', b: 1): void;\nf('|`),
    ).not.toBe('');
    expect(reason('literal', `declare function of<T>(...all: T[]): T;\nof('a', '|')`)).not.toBe('');
  });

  test('of properties are those of the expected type', () => {
    expect(words('property', 'paint({ |')).toEqual(expect.arrayContaining(['colour', 'width']));
    expect(words('property', 'const s: Shape = { name: "a", |')).toContain('area');
    expect(reason('property', 'generic({ |')).toMatch(/decides itself/);
    expect(reason('property', 'paint({ colour: [1].map(({ |')).not.toBe('');
    expect(reason('property', 'const a = { |')).toMatch(/No type|no properties/);
    expect(reason('property', 'const a: Record<string, number> = { |')).toMatch(/index signature/);
  });

  test('of attributes are those of the component', () => {
    const text =
      'declare namespace JSX { interface Element {} interface ElementAttributesProperty { props: {} } }\nfunction Box(props: { wide: boolean; tall?: boolean }): JSX.Element { return props; }\nconst a = <Box |';
    expect(words('attribute', text, 'main.tsx')).toEqual(expect.arrayContaining(['wide', 'tall', 'data-']));
  });
});

describe('a project', () => {
  test('that is broken, or none, is analysed as far as it goes', () => {
    const broken = join(folder('broken'), 'main.ts');
    mkdirSync(dirname(broken), { recursive: true });
    writeFileSync(join(dirname(broken), 'tsconfig.json'), '{ "compilerOptions": { "strict": tru');
    const text = 'const all = [1, 2];\nall.';
    const file = projects.analyse(broken, text);
    expect(file && 'legal' in answerAt(file, text.length, ['member'])).toBe(true);
    const alone = join(folder('alone'), 'main.ts');
    const other = projects.analyse(alone, text);
    expect(other && 'legal' in answerAt(other, text.length, ['member'])).toBe(true);
  });

  test.each([
    ['extends what is missing', '{ "extends": "./missing.json", "compilerOptions": { "strict": true } }'],
    ['extends a missing package', '{ "extends": "@missing/config" }'],
    ['extends itself', '{ "extends": "./tsconfig.json" }'],
    ['refers to what is missing', '{ "files": [], "references": [{ "path": "./missing" }] }'],
    ['has values of other types', '{ "compilerOptions": { "strict": 3, "lib": "all" }, "include": 1 }'],
    ['names a library that is missing', '{ "compilerOptions": { "lib": ["es5", "es3000"] } }'],
    ['is a list', '[1, 2]'],
    ['is empty', ''],
    ['is binary', '\0\u{1}\u{fffd}{'],
  ])('with a tsconfig.json that %s is analysed all the same', (why, config) => {
    const file = join(folder(`config ${why}`), 'main.ts');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(join(dirname(file), 'tsconfig.json'), config);
    const text = 'const all = [1, 2];\nall.';
    const analysed = projects.analyse(file, text);
    if (analysed === undefined) throw new Error('no file');
    expect(answerAt(analysed, text.length, ['member'])).toMatchObject({
      legal: [{ words: expect.arrayContaining(['length']) }],
    });
  });

  test('is another one when its tsconfig.json, or what that extends, is', async () => {
    const file = join(folder('changing'), 'main.ts');
    const base = join(dirname(file), 'base.json');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(base, '{ "compilerOptions": { "lib": ["es5"] } }');
    writeFileSync(join(dirname(file), 'tsconfig.json'), '{ "extends": "./base.json" }');
    const fresh = createProjects(library);
    const text = '[1].';
    const members = () => {
      const analysed = fresh.analyse(file, text);
      const answer = analysed && answerAt(analysed, text.length, ['member']);
      return answer && 'legal' in answer ? (answer.legal[0] as LegalWords).words : [];
    };
    expect(members()).toContain('indexOf');
    expect(members()).not.toContain('includes');
    writeFileSync(base, '{ "compilerOptions": { "lib": ["es2022"] } }');
    utimesSync(base, 1, 1);
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    vi.advanceTimersByTime(120_000);
    await fresh.refresh();
    expect(members()).toContain('includes');
  });

  test('follows what is open and not saved, and files that go away', () => {
    const shapesFile = join(root, 'shapes.ts');
    projects.setText(shapesFile, `${shapes}\nexport const fresh = { unsaved: 1 };\n`);
    expect(words('member', `import { fresh } from './shapes';\nfresh.|`)).toEqual(['unsaved']);
    projects.setText(shapesFile, undefined);
    expect(reason('member', `import { fresh } from './shapes';\nfresh.|`)).not.toBe('');
    rmSync(join(root, 'globals.d.ts'));
    expect(words('member', 'new Square(1).|')).toContain('size');
    writeFileSync(join(root, 'globals.d.ts'), 'declare const deployed: { readonly at: Date };\n');
  });

  test('with modules that import each other is none of a problem', () => {
    writeFileSync(join(root, 'a.ts'), `import { b } from './b';\nexport const a = { b };\n`);
    writeFileSync(
      join(root, 'b.ts'),
      `import { a } from './a';\nexport const b = { get a(): unknown { return a; } };\n`,
    );
    expect(words('member', `import { a } from './a';\na.b.|`)).toEqual(['a']);
  });
});

test('a trigger holds where its kind begins, and not elsewhere', () => {
  const kindsAt = (text: string) =>
    triggersOf('typescriptreact').flatMap(({ kind, pattern }) =>
      new RegExp(`(?:${pattern})$`, 'u').exec(text)?.[1] === '' ? [kind] : [],
    );
  expect(kindsAt('row1.')).toEqual(['member']);
  expect(kindsAt('a?.')).toEqual(['member']);
  expect(kindsAt('1.')).toEqual([]);
  expect(kindsAt('[...')).toEqual([]);
  expect(kindsAt('f(')).toEqual(['call']);
  expect(kindsAt('if (')).toEqual([]);
  expect(kindsAt('import { a, ')).toContain('import');
  expect(kindsAt("x === '")).toEqual(['literal']);
  expect(kindsAt('new ')).toEqual(['class']);
  expect(kindsAt('f({ ')).toEqual(['property']);
  expect(kindsAt('<Box ')).toEqual(['attribute']);
  expect(triggersOf('vue')).toEqual([]);
  expect(triggersOf('svelte')).toEqual([]);
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { MonitorAnswer } from '../../../../engine/index';
import { answerAt } from '../../../../server/monitors/typescript/answers';
import { createFollowUps } from '../../../../server/monitors/typescript/followUps';
import {
  type AnalysedFile,
  createProjects,
  type Projects,
} from '../../../../server/monitors/typescript/project';
import { temporaryFolder } from '../../../support/folder';

const folder = temporaryFolder();
const library = join(import.meta.dirname, '../../../../node_modules/typescript/lib');
let projects: Projects;
let fileName: string;

beforeAll(() => {
  mkdirSync(folder('project'), { recursive: true });
  writeFileSync(folder('project/tsconfig.json'), '{ "compilerOptions": { "strict": true } }');
  fileName = folder('project/main.ts');
  projects = createProjects(library);
});

const declarations = `type Side = 'north' | 'south';
declare class Shelf<Item> {
  take(title: string, ...more: number[]): Item;
  turn(side: Side, label: string): void;
  note(...labels: string[]): void;
  sort<Key extends keyof Item>(key: Key): void;
  find(title: string): Item;
  find(side: Side): Item;
  maybe?(title: string): void;
  readonly size: number;
}
declare const shelf: Shelf<{ pages: number }>;
declare const either: Shelf<number> | string;
declare function look(title: string): void;
`;
const after = ';\n';

const analysed = (before: string): AnalysedFile => {
  const file = projects.analyse(fileName, before + after);
  if (file === undefined) throw new Error('no program');
  return file;
};

/** What is asked about in turn: each text goes on where the one before ended. */
function followed(...steps: readonly (readonly [kind: string, text: string])[]) {
  const followUps = createFollowUps();
  let before = declarations;
  let last: { given: MonitorAnswer | undefined; full: MonitorAnswer } | undefined;
  for (const [kind, text] of steps) {
    before += text;
    const place = { before, after, kinds: [kind] };
    const given = followUps.answer(fileName, place);
    const file = analysed(before);
    last = { given, full: answerAt(file, before.length, [kind]) };
    if (given === undefined) followUps.remember(file, place);
  }
  if (last === undefined) throw new Error('no steps');
  return last;
}

const member = ['member', 'shelf.'] as const;

describe('a question behind another one', () => {
  test.each([
    [[member, ['call', 'take(']]],
    [[member, ['call', 'find(']]],
    [[member, ['call', 'sort(']]],
    [[member, ['call', 'take('], ['literal', "'"]]],
    [[member, ['call', 'note('], ['literal', "a, b, '"]]],
    [[member, ['call', 'turn('], ['literal', 'side, "']]],
    [
      [
        ['call', 'look('],
        ['literal', "'"],
      ],
    ],
  ] as const)('is answered by the same program, as a new one would answer it: %j', (steps) => {
    const { given, full } = followed(...steps);
    expect(given).toEqual(full);
    expect(given).toBeDefined();
  });

  test.each([
    ['a member that may be missing', [member, ['call', 'maybe(']]],
    ['what is no function', [member, ['call', 'size(']]],
    ['what does not exist', [member, ['call', 'other(']]],
    [
      'a union',
      [
        ['member', 'either.'],
        ['call', 'take('],
      ],
    ],
    ['strings that a type names', [member, ['call', 'turn('], ['literal', "'"]]],
    ['strings that one of several signatures names', [member, ['call', 'find('], ['literal', "'"]]],
    ['keys', [member, ['call', 'sort('], ['literal', "'"]]],
    ['a string in another call', [member, ['call', 'take('], ['literal', "look('"]]],
    ['a string that is compared', [member, ['call', 'take('], ['literal', "side === '"]]],
    ['another place', [member, ['call', 'take(); look(']]],
    ['another kind', [member, ['member', 'take(shelf.']]],
  ] as const)('needs a new program where it is about %s', (_, steps) => {
    expect(followed(...steps).given).toBeUndefined();
  });

  test('needs a new program in another file, before another text, and when something has changed', () => {
    const followUps = createFollowUps();
    const before = `${declarations}shelf.`;
    followUps.remember(analysed(before), { before, after, kinds: ['member'] });
    const place = { before: `${before}take(`, after, kinds: ['call'] };
    expect(followUps.answer(fileName, place)).toBeDefined();
    expect(followUps.answer(`${fileName}x`, place)).toBeUndefined();
    expect(followUps.answer(fileName, { ...place, after: '' })).toBeUndefined();
    followUps.forget();
    expect(followUps.answer(fileName, place)).toBeUndefined();
  });
});

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { noLanguageCounts, noStatistics, type Statistics } from '../../../server/statistics/counts';
import { createStatisticsStore } from '../../../server/statistics/store';
import { temporaryFolder } from '../../support/folder';

const folder = temporaryFolder();
let stores = 0;

const counted = (shown: number): Statistics => ({
  ...noStatistics(),
  since: '2026-01-01',
  languages: { python: { ...noLanguageCounts(), shown } },
});

function newStore() {
  const own = folder(`store${++stores}`);
  return { own, file: path.join(own, 'statistics.json'), store: createStatisticsStore(own) };
}

test('what several windows count ends up in one sum, and nothing else is left in the folder', () => {
  const { own, store } = newStore();
  const other = createStatisticsStore(own);
  expect(store.add(counted(2))).toBe(true);
  expect(other.add(counted(3))).toBe(true);
  expect(store.read().languages.python?.shown).toBe(5);
  expect(readdirSync(own)).toEqual(['statistics.json']);
});

test('while another window writes, nothing is written; what a window left that ended is cleared away', () => {
  const { file, store } = newStore();
  store.add(counted(1));
  writeFileSync(`${file}.lock`, '');
  expect(store.add(counted(1))).toBe(false);
  expect(store.read().languages.python?.shown).toBe(1);
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(`${file}.lock`, longAgo, longAgo);
  expect(store.add(counted(1))).toBe(false);
  expect(store.add(counted(1))).toBe(true);
  expect(store.read().languages.python?.shown).toBe(2);
});

test('a broken file counts as none, and a reset leaves nothing', () => {
  const { file, store } = newStore();
  expect(store.read()).toEqual(noStatistics());
  store.add(counted(1));
  const broken = readFileSync(file, 'utf8').slice(0, 20);
  writeFileSync(file, broken);
  expect(store.read()).toEqual(noStatistics());
  store.add(counted(4));
  expect(store.read().languages.python?.shown).toBe(4);
  expect(readFileSync(`${file}.unreadable`, 'utf8')).toBe(broken);
  store.reset();
  expect(existsSync(file)).toBe(false);
  store.reset();
});

test('a file that is there and cannot be read is not written over', () => {
  const { file, store } = newStore();
  mkdirSync(file, { recursive: true });
  expect(() => store.read()).toThrow();
  expect(() => store.add(counted(1))).toThrow();
  expect(statSync(file).isDirectory()).toBe(true);
});

test('a folder that cannot be written is an error', () => {
  const { own } = newStore();
  writeFileSync(own, 'a file');
  expect(() => createStatisticsStore(own).add(counted(1))).toThrow();
});

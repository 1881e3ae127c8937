import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { builtInServers } from '../../../../server/monitors/languageServer/index';
import { createAnalyst, createFolder, hypothesis, reasonIn, wordsIn } from './helpers';

const folder = createFolder();
writeFileSync(
  path.join(folder, 'shapes.py'),
  'class Square:\n    side: int = 1\n\ndef area(of: Square): ...\n',
);
const shop = path.join(folder, 'shop.py');
writeFileSync(shop, 'class Shop:\n    def close(self): ...\n');
const analyst = createAnalyst(folder, { servers: builtInServers });
afterAll(async () => {
  await analyst.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const head = `import os
import argparse
from nowhere import Base
from shapes import Square

class Cart:
    def __init__(self, size=0, owner=None):
        self.size = size
        self.owner = owner
        self._hidden = 1
    def add(self, item: str) -> 'Cart':
        return self

class Derived(Base):
    def own(self): ...

def main(unknown):
    cart = Cart()
    derived = Derived()
    `;

const ask = (line: string, kinds?: string[]) =>
  analyst.ask(hypothesis(folder, 'main.py', 'python', `${head}${line}\n\nrest = 1\n`, kinds));

test('members of a class of the file, and no word of another', { timeout: 90_000 }, async () => {
  const words = wordsIn(await ask('cart.║'));
  expect(words).toEqual(expect.arrayContaining(['add', 'size', 'owner', '_hidden']));
  for (const word of ['side', 'own', 'append', 'cart', 'os', 'print', 'if'])
    expect(words).not.toContain(word);
});

test('members of a type and a module of the standard library', { timeout: 90_000 }, async () => {
  const words = wordsIn(await ask('name = "x".║'));
  expect(words).toEqual(expect.arrayContaining(['join', 'split', '__len__']));
  expect(words).not.toContain('append');
  expect(wordsIn(await ask('os.path.║'))).toContain('basename');
});

test('members of a class of another file', { timeout: 90_000 }, async () => {
  expect(wordsIn(await ask('Square().║'))).toContain('side');
});

test('text that is in no file decides', { timeout: 90_000 }, async () => {
  const words = wordsIn(await ask('cart.invented = 1; other = [cart, 1][0]; word = "a".upper(); word.║'));
  expect(words).toContain('lower');
  const invented = head.replace('self._hidden = 1', 'self.invented = 1');
  const answer = await analyst.ask(hypothesis(folder, 'main.py', 'python', `${invented}cart.║\n`));
  expect(wordsIn(answer)).toContain('invented');
  expect(wordsIn(await ask('print(cart.║'))).not.toContain('invented');
});

test('hypothetical text of another file is not there', { timeout: 90_000 }, async () => {
  const shapes = (picture: string) => analyst.ask(hypothesis(folder, 'shapes.py', 'python', picture));
  expect(wordsIn(await shapes('class Circle: ...\nname = "a"\nname.║\n'))).toContain('upper');
  const words = wordsIn(await ask('import shapes; shapes.║'));
  expect(words).toEqual(expect.arrayContaining(['Square', 'area']));
  for (const word of ['Circle', 'name', '_slipstream_probe']) expect(words).not.toContain(word);
});

test('behind brackets that nothing closes, too', { timeout: 90_000 }, async () => {
  for (const line of ['print(cart.║', 'found = [cart, {"a": (cart.║', 'x = print(cart.add("a").║']) {
    const words = wordsIn(await ask(line));
    expect(words).toContain('add');
    expect(words).not.toContain('print');
  }
});

test('what stands behind open brackets is not lost', { timeout: 90_000 }, async () => {
  const text =
    'class Late:\n    def use(self):\n        print((1, self.║\n    def make(self):\n        self.late = 1\n';
  expect(wordsIn(await analyst.ask(hypothesis(folder, 'late.py', 'python', text)))).toContain('late');
});

test('names of a module in an import, or something else', { timeout: 90_000 }, async () => {
  const answer = await ask('from shapes import ║', ['import']);
  expect(answer).toMatchObject({ legal: [{ kind: 'import', orOther: true }] });
  expect(wordsIn(answer)).toEqual(expect.arrayContaining(['Square', 'area']));
  expect(wordsIn(answer)).not.toContain('Cart');
});

test.each([
  ['of what is not known', 'unknown.║', /not known/],
  ['of what is known in part', 'x = [cart, unknown][0].║', /in part/],
  ['that may be None or unknown', 'cart.owner.║', /not known/],
  ['of a class with an unknown base', 'derived.║', /base/],
  ['of what takes any name', 'argparse.Namespace().║', /any name/],
  ['in a comment', '# cart.║', /comments/],
  ['in a string', 'x = "cart.║"', /strings/],
  ['that may be made here', 'self.║', /may be made/],
  ['of a name that there is not', 'nobody.║', /not known/],
])('restricts nothing: a member %s', { timeout: 90_000 }, async (_, line, reason) => {
  expect(reasonIn(await ask(line))).toMatch(reason);
});

test('what another file says on disk is known when it has changed', { timeout: 90_000 }, async () => {
  const text = hypothesis(folder, 'main.py', 'python', 'from shop import Shop\nShop().║\n');
  expect(wordsIn(await analyst.ask(text))).toContain('close');
  writeFileSync(shop, 'class Shop:\n    def open_again(self): ...\n');
  analyst.changed?.([{ uri: pathToFileURL(shop).href, type: 2, languageId: 'python' }]);
  expect(wordsIn(await analyst.ask(text))).toContain('open_again');
  expect(wordsIn(await analyst.ask(text))).not.toContain('close');
});

test('the same question is not asked again', { timeout: 90_000 }, async () => {
  const first = await ask('again = cart.║');
  expect(await ask('again = cart.║')).toBe(first);
});

test('a pyright that the workspace brings along is not run', { timeout: 90_000 }, async () => {
  const bin = path.join(folder, 'node_modules', '.bin');
  mkdirSync(bin, { recursive: true });
  const trap = path.join(folder, 'trapped');
  writeFileSync(path.join(bin, 'pyright-langserver'), `#!/bin/sh\ntouch '${trap}'\n`, { mode: 0o755 });
  const path0 = process.env.PATH;
  process.env.PATH = `${bin}${path.delimiter}${path0}`;
  const other = createAnalyst(folder, { servers: builtInServers });
  try {
    await other.ask(hypothesis(folder, 'main.py', 'python', `${head}cart.║\n`));
    expect(existsSync(trap)).toBe(false);
  } finally {
    process.env.PATH = path0;
    await other.dispose();
  }
});

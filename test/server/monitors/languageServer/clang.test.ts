import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { builtInServers } from '../../../../server/monitors/languageServer/index';
import { findProgram } from '../../../../server/monitors/languageServer/program';
import { createAnalyst, createFolder, hypothesis, reasonIn, wordsIn } from './helpers';

const isInstalled = (await findProgram('clangd', [])) !== undefined;
if (!isInstalled) console.log('SKIPPED: clangd is not installed (Debian: sudo apt-get install clangd).');

describe.skipIf(!isInstalled)('clangd', { timeout: 90_000 }, () => {
  const folder = createFolder();
  const analyst = createAnalyst(folder, { servers: builtInServers });
  afterAll(async () => {
    await analyst.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const head = `#include <string>
#include <memory>
namespace shop { enum class Kind { toy, book }; struct Shelf { int height; }; }
struct Base { int common; void greet(int times); };
class Cart : public Base {
 public:
  std::string name; Cart* next; template<class T> T get(); static int count;
  void fill(int amount, char how);
 private:
  int hidden;
};
template<class T> struct Box : T { void open() {
  this->own();
} };
`;
  const ask = (picture: string, languageId = 'cpp') =>
    analyst.ask(hypothesis(folder, `main.${languageId}`, languageId, picture));
  const inFill = (line: string) =>
    ask(
      `${head}void Cart::fill(int amount, char how) {\n  auto p = std::make_unique<Cart>();\n  Cart cart;\n  ${line}\n}\n`,
    );

  test('members of a class of the file, and no word of another', async () => {
    const words = wordsIn(await inFill('cart.║'));
    expect(words).toEqual(
      expect.arrayContaining(['name', 'next', 'get', 'fill', 'hidden', 'common', 'greet']),
    );
    for (const word of ['height', 'length', 'cart', 'std', 'amount', 'if']) expect(words).not.toContain(word);
    // Labels have parameter lists and blanks, the words do not.
    expect(words.filter((word) => /\s\S|\(/.test(word))).toEqual([]);
  });

  test('members of types of the standard library, and behind arrows', async () => {
    expect(wordsIn(await inFill('cart.name.║'))).toEqual(expect.arrayContaining(['length', 'substr']));
    const words = wordsIn(await inFill('p->║'));
    expect(words).toContain('greet');
    expect(words).not.toContain('reset');
    // A pointer's members are not behind a dot, though clangd offers to make an arrow of it.
    expect(wordsIn(await inFill('p.║'))).toContain('reset');
    expect(wordsIn(await inFill('p.║'))).not.toContain('greet');
  });

  test('names in a namespace and an enumeration', async () => {
    expect(wordsIn(await inFill('shop::║'))).toEqual(expect.arrayContaining(['Kind', 'Shelf']));
    const words = wordsIn(await inFill('shop::Kind::║'));
    expect(words).toEqual(expect.arrayContaining(['toy', 'book']));
    expect(words).not.toContain('Shelf');
  });

  test('behind brackets that nothing closes, too', async () => {
    expect(wordsIn(await inFill('greet((cart.║'))).toContain('common');
    expect(wordsIn(await ask(`${head}void f(Cart& c) { if (c.║`))).toContain('name');
  });

  test('what a header brings that has just been included', async () => {
    const inMain = (includes: string) => ask(`${includes}int main() {\n  std::║\n}\n`);
    expect(wordsIn(await inMain('#include <vector>\n'))).not.toContain('map');
    expect(wordsIn(await inMain('#include <vector>\n#include <map>\n'))).toContain('map');
  });

  test('members of a header that has changed on disk, and of one that is as it was', async () => {
    const header = path.join(folder, 'shop.h');
    const change = (member: string) => {
      writeFileSync(header, `struct Shop { int ${member}; };\n`);
      analyst.changed?.([{ uri: pathToFileURL(header).href, type: 2 }]);
    };
    change('first');
    const text = '#include "shop.h"\n#include <string>\nint f(Shop s) { return s.║; }\n';
    expect(wordsIn(await ask(text))).toContain('first');
    for (const member of ['second', 'second', 'third']) {
      change(member);
      expect(wordsIn(await ask(text))).toContain(member);
    }
  });

  test('a file whose name is not written alike in all URIs', async () => {
    const text = hypothesis(
      folder,
      'a+b (c).cpp',
      'cpp',
      'struct S { int in; };\nint f(S s) { return s.║; }\n',
    );
    expect(wordsIn(await analyst.ask(text))).toContain('in');
  });

  test('structures of C', async () => {
    const words = wordsIn(
      await ask('struct P { int x; struct P *q; };\nint f(struct P *p) { return p->║; }\n', 'c'),
    );
    expect(words).toEqual(expect.arrayContaining(['x', 'q']));
    expect(words).not.toContain('f');
  });

  test.each([
    ['in a comment', '// cart.║', /comments/],
    ['in a string', 'auto x = "cart.║";', /strings/],
    ['of what there is not', 'nobody.║', /lists nothing/],
    ['of a number', 'cart.count.║', /lists nothing/],
  ])('restricts nothing: a member %s', async (_, line, reason) => {
    expect(reasonIn(await inFill(line))).toMatch(reason);
  });

  test('restricts nothing where names are missing from the list', async () => {
    expect(reasonIn(await ask(head.replace('own', '║own')))).toMatch(/did not take/);
    expect(reasonIn(await ask(`${head}void Cart::║\n`))).toMatch(/private/);
    expect(reasonIn(await ask('#include <cstd.║\n'))).toMatch(/preprocessor/);
    const missing = hypothesis(
      folder,
      'b.cpp',
      'cpp',
      '#include "no.h"\nstruct X : No { int a; };\nint f(X x) { return x.║; }\n',
    );
    expect(reasonIn(await analyst.ask(missing))).toMatch(/header/);
  });
});

import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { builtInServers } from '../../../../server/monitors/languageServer/index';
import { findProgram } from '../../../../server/monitors/languageServer/program';
import { createAnalyst, createFolder, hypothesis, reasonIn, wordsIn } from './helpers';

const isInstalled =
  (await findProgram('gopls', [])) !== undefined && (await findProgram('go', [])) !== undefined;
if (!isInstalled)
  console.log('SKIPPED: gopls or go is not installed (Debian: sudo apt-get install gopls golang-go).');

describe.skipIf(!isInstalled)('gopls', { timeout: 90_000 }, () => {
  const folder = createFolder();
  writeFileSync(path.join(folder, 'go.mod'), 'module example.com/shop\n\ngo 1.19\n');
  writeFileSync(path.join(folder, 'main.go'), 'package shop\n');
  writeFileSync(path.join(folder, 'shelf.go'), 'package shop\n\ntype Shelf struct{ Height int }\n');
  const analyst = createAnalyst(folder, { servers: builtInServers });
  afterAll(async () => {
    await analyst.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const head = `package shop

import (
	"fmt"
	"strings"
)

type Cart struct {
	size int
	next *Cart
	Name string
}

func (c *Cart) Add(item string) *Cart { return c }

func use(shelf Shelf, any interface{}) {
	var cart Cart
	fmt.Println(strings.ToUpper("x"))
	`;
  const ask = (line: string) =>
    analyst.ask(hypothesis(folder, 'main.go', 'go', `${head}${line}\n}\n\nvar rest = 1\n`));

  test('members of a type of the file, and no word of another', async () => {
    const words = wordsIn(await ask('cart.║'));
    expect(words).toEqual(expect.arrayContaining(['size', 'next', 'Name', 'Add']));
    for (const word of ['Height', 'Println', 'cart', 'next.next', 'if']) expect(words).not.toContain(word);
    expect(words.filter((word) => /\w\W/.test(word))).toEqual([]);
  });

  test('members of another file, and names of a package of the standard library', async () => {
    expect(wordsIn(await ask('shelf.║'))).toContain('Height');
    const words = wordsIn(await ask('strings.║'));
    expect(words).toEqual(expect.arrayContaining(['Split', 'Builder']));
    expect(words).not.toContain('Println');
  });

  test('members of another file that has changed on disk', async () => {
    const shelf = path.join(folder, 'shelf.go');
    expect(wordsIn(await ask('shelf.║'))).not.toContain('Width');
    writeFileSync(shelf, 'package shop\n\ntype Shelf struct{ Height, Width int }\n');
    analyst.changed?.([{ uri: pathToFileURL(shelf).href, type: 2 }]);
    expect(wordsIn(await ask('shelf.║'))).toContain('Width');
  });

  test('behind brackets that nothing closes, too', async () => {
    expect(wordsIn(await ask('fmt.Println(cart.Add("a").║'))).toContain('next');
    expect(wordsIn(await ask('x := []int{len(cart.║'))).toContain('Name');
  });

  test('where the next line would be read on, too', async () => {
    expect(wordsIn(await ask('switch 1 {\n\tcase len(cart.Name), cart.║\n\tcart = Cart{}\n}'))).toContain(
      'size',
    );
  });

  test('what is asserted of a type may stand behind the dot of a type', async () => {
    expect(wordsIn(await ask('cart.║'))).toContain('(');
  });

  test.each([
    ['in a comment', '// cart.║', /comments/],
    ['in a string', 'x := "cart.║"', /strings/],
    ['in a raw string', 'x := `cart.║`', /strings/],
    ['of what there is not', 'nobody.║', /lists nothing/],
    ['of a number', 'cart.size.║', /lists nothing/],
    // What gopls lists there is all that is in scope.
    [
      'of a package, in a result',
      'c := &Cart{\n\t\tdial: func(a int) (strings.║\n\t\t\treturn nil\n\t\t},\n\t}',
      /did not take/,
    ],
  ])('restricts nothing: a member %s', async (_, line, reason) => {
    expect(reasonIn(await ask(line))).toMatch(reason);
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createJudge } from '../../../../server/bench/monitor/judge';
import { servedLanguages } from '../../../../server/bench/monitor/languages';
import { scanner } from '../../../../server/bench/monitor/scan';
import { type ServerCompiler, serverCompiler } from '../../../../server/bench/monitor/serverCompiler';
import { builtInServers } from '../../../../server/monitors/languageServer/index';
import { resolveCommand } from '../../../../server/monitors/languageServer/servers';
import { temporaryFolder } from '../../../support/folder';

test('tokens: words, operators, strings as one, comments as none', () => {
  const tokens = (comment: string, text: string) => scanner(comment)(text).map((one) => one.text);
  expect(tokens('#', 'x.append("a # b", 1_0) # say')).toEqual([
    'x',
    '.',
    'append',
    '(',
    '"a # b"',
    ',',
    '1_0',
    ')',
  ]);
  expect(tokens('//', "p->size() << std::hex; // 'c'")).toEqual([
    'p',
    '->',
    'size',
    '(',
    ')',
    '<<',
    'std',
    '::',
    'hex',
    ';',
  ]);
});

const heads = {
  python: ['class A:\n    name = ""\n\nbroken: int = ""\na = A()\nprint(a.', 'name)'],
  cpp: ['struct A { int name; };\nint broken = nothing;\nint f(A a) {\n  return a.', 'name;'],
} as const;

for (const language of servedLanguages) {
  const server = builtInServers.find(({ languages }) => languages.includes(language.id));
  const isInstalled = server !== undefined && 'command' in (await resolveCommand(server, []));
  if (!isInstalled) console.log(`SKIPPED: the language server of ${language.name} is not installed.`);

  describe.skipIf(!isInstalled)(`verdicts on ${language.name}`, { timeout: 90_000 }, () => {
    const folder = temporaryFolder();
    let compiler: ServerCompiler;
    beforeAll(async () => {
      if (server !== undefined)
        compiler = await serverCompiler(language, server, folder(''), () => undefined);
    }, 90_000);
    afterAll(() => compiler.stop());

    test('of the same, what compiles as well, no member, and an error elsewhere', async () => {
      const judge = createJudge(compiler);
      const [before, rest] = heads[language.id as keyof typeof heads];
      const end = language.id === 'cpp' ? ';' : ')';
      const place = {
        fileName: folder(`a.${language.id === 'cpp' ? 'cpp' : 'py'}`),
        languageId: language.id,
        before,
        rest,
        after: language.id === 'cpp' ? '\n}\n' : '\n',
      };
      const all = { compiles: true, nextIdentifier: true, identifiers: 1, tokens: 1, isNoMember: false };
      expect(await judge(place, rest)).toEqual(all);
      // The file has an error that is none of the completion's.
      expect(await judge(place, `${rest} `)).toEqual(all);
      expect(await judge(place, `nome${end}`)).toMatchObject({
        compiles: false,
        nextIdentifier: false,
        isNoMember: true,
      });
      expect(await judge(place, `name(${end}`)).toMatchObject({
        compiles: false,
        nextIdentifier: true,
        identifiers: 1,
        tokens: 0.5,
        isNoMember: false,
      });
    });
  });
}

const clangd = servedLanguages.find(({ id }) => id === 'cpp');
const server = builtInServers.find(({ languages }) => languages.includes('cpp'));
const hasClangd = server !== undefined && 'command' in (await resolveCommand(server, []));

describe.skipIf(!hasClangd)('names that are no types', { timeout: 90_000 }, () => {
  const folder = temporaryFolder();
  test('a function is a member all the same', async () => {
    if (clangd === undefined || server === undefined) throw new Error('There is no C++.');
    const compiler = await serverCompiler(clangd, server, folder(''), () => undefined);
    try {
      const head = 'namespace shop { int price(int); struct Toy {}; }\nint f(const shop::';
      const isNoMember = async (rest: string) =>
        (await compiler.findings(folder('b.cpp'), `${head}${rest} a);\n`)).map((one) => one.isNoMember);
      expect(await isNoMember('Toy&')).toEqual([]);
      expect(await isNoMember('price&')).toEqual([false]);
      expect(await isNoMember('prize&')).toEqual([true]);
    } finally {
      await compiler.stop();
    }
  });
});

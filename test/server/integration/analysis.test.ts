import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Analyst } from '../../../server/monitors/analyst';
import { createTypeScriptAnalyst, type TypeScriptOptions } from '../../../server/monitors/typescript/analyst';
import { built, scratchFolder } from './support';

const scratch = scratchFolder();
const fileAt = (name: string) => path.join(scratch.path, name);

beforeAll(() => {
  mkdirSync(scratch.path, { recursive: true });
  writeFileSync(fileAt('tsconfig.json'), '{ "compilerOptions": { "strict": true } }');
  writeFileSync(fileAt('row.ts'), 'export interface Row { label: string }\n');
  // What hangs, and what answers garbage.
  writeFileSync(fileAt('hangs.cjs'), 'for (;;);');
  writeFileSync(
    fileAt('garbage.cjs'),
    "const { parentPort } = require('node:worker_threads');\nparentPort.on('message', () => parentPort.postMessage({ answers: [] }));",
  );
});
afterAll(scratch.remove);

function createAnalyst(options: Partial<TypeScriptOptions> = {}): Analyst {
  const analyst = createTypeScriptAnalyst({
    workerPath: built('analysisWorker.js'),
    openDocuments: () => [],
    megabytes: () => 1024,
    log: () => {},
    ...options,
  });
  onTestFinished(() => analyst.dispose());
  return analyst;
}

const ask = (analyst: Analyst, before: string, signal?: AbortSignal, name = 'main.ts') =>
  analyst.ask({
    uri: pathToFileURL(fileAt(name)).href,
    languageId: 'typescript',
    kinds: ['member'],
    before,
    after: '\n',
    ...(signal && { signal }),
  });

const member = "import type { Row } from './row';\ndeclare const row: Row;\nrow.";

test('answers are the same one by one and together, and a question that is dropped ends', async () => {
  const analyst = createAnalyst();
  const texts = [member, `${member}label.`, `${member}label.length.`];
  const alone = [];
  for (const text of texts) alone.push(await ask(analyst, text));
  const fresh = createAnalyst();
  const dropped = new AbortController();
  const all = [ask(fresh, `${texts[0]}x`), ...texts.map((text) => ask(fresh, text))];
  const late = ask(fresh, `${member}other.`, dropped.signal);
  dropped.abort();
  expect((await Promise.all(all)).slice(1)).toEqual(alone);
  expect(await late).toEqual({ reason: 'The answer was no longer needed.' });
  expect(alone[0]).toMatchObject({ legal: [{ words: ['label'] }] });
});

test('a file that is deleted is gone from the answers within some seconds', async () => {
  writeFileSync(fileAt('gone.ts'), 'export interface Gone { soon: string }\n');
  const text = "import type { Gone } from './gone';\ndeclare const gone: Gone;\ngone.";
  const analyst = createAnalyst();
  expect(await ask(analyst, text)).toMatchObject({ legal: [{ words: ['soon'] }] });
  rmSync(fileAt('gone.ts'));
  await expect.poll(() => ask(analyst, text), { timeout: 20_000, interval: 1000 }).toHaveProperty('reason');
  expect(await ask(analyst, member)).toMatchObject({ legal: [{ words: ['label'] }] });
});

test('a thread with too little memory ends, and after the third time for good, with a reason', async () => {
  const log: string[] = [];
  const analyst = createAnalyst({ megabytes: () => 8, log: (line) => log.push(line) });
  for (let i = 0; i < 3; i++)
    expect(await ask(analyst, member)).toEqual({
      reason: expect.stringMatching(/^The analysis ended: .*memory/),
    });
  expect(await ask(analyst, member)).toEqual({
    reason: expect.stringMatching(/^The analysis has ended 3 times; see the log/),
  });
  expect(log).toHaveLength(3);
});

test('a thread that hangs is ended, and one that answers garbage restricts nothing', async () => {
  const hanging = createAnalyst({ workerPath: fileAt('hangs.cjs'), hangMs: 200 });
  expect(await ask(hanging, member)).toEqual({
    reason: expect.stringMatching(/worked at .*main\.ts for more than 0\.2 s/),
  });
  const talking = createAnalyst({ workerPath: fileAt('garbage.cjs') });
  expect(await ask(talking, member)).toEqual({ reason: 'Nothing came back.' });
});

describe('a project of 10,000 files that import each other', () => {
  const files = 10_000;
  const inLarge = "import type { T5 } from './5/m5';\ndeclare const it: T5;\nit.";
  const askLarge = (analyst: Analyst, text = inLarge) => ask(analyst, text, undefined, 'large/main.ts');

  beforeAll(() => {
    for (let folder = 0; folder < 100; folder++) mkdirSync(fileAt(`large/${folder}`), { recursive: true });
    writeFileSync(fileAt('large/tsconfig.json'), '{ "compilerOptions": { "strict": true } }');
    for (let i = 0; i < files; i++) {
      // The first makes one long chain that ends where it began.
      const others = [i + 1, i * 7 + 3, i * 13 + 11].map((other) => other % files);
      const imports = others.map(
        (other) => `import type { T${other} } from '../${other % 100}/m${other}';\n`,
      );
      const members = others.map((other, at) => `of${at}?: T${other}; `);
      const text = `${imports.join('')}export interface T${i} { own${i}: number; ${members.join('')}}\n`;
      writeFileSync(fileAt(`large/${i % 100}/m${i}.ts`), text);
    }
  }, 60_000);

  test('is answered, within the memory, and holds nobody up meanwhile', { timeout: 60_000 }, async () => {
    const megabytes = 768;
    const analyst = createAnalyst({ megabytes: () => megabytes });
    const before = process.memoryUsage.rss();
    const gaps: number[] = [];
    let last = performance.now();
    const ticking = setInterval(() => {
      gaps.push(performance.now() - last);
      last = performance.now();
    }, 10);
    onTestFinished(() => clearInterval(ticking));
    expect(await askLarge(analyst)).toMatchObject({
      legal: [{ words: ['of0', 'of1', 'of2', 'own5'] }],
    });
    const median = gaps.toSorted((a, b) => a - b)[gaps.length >> 1];
    expect(median).toBeLessThan(50);
    expect((process.memoryUsage.rss() - before) / 2 ** 20).toBeLessThan(megabytes);

    const started = performance.now();
    expect(await askLarge(analyst, `${inLarge}of0?.of0?.`)).toMatchObject({
      legal: [{ words: ['of0', 'of1', 'of2', 'own7', '(', '['] }],
    });
    // Nothing is read again.
    expect(performance.now() - started).toBeLessThan(3000);
  });

  test('is too much for little memory, with a reason', { timeout: 60_000 }, async () => {
    const analyst = createAnalyst({ megabytes: () => 64 });
    expect(await askLarge(analyst)).toEqual({
      reason: expect.stringMatching(/^The analysis ended: .*memory/),
    });
  });
});

import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CompletionRequest } from '../../../engine/completion';
import { createCompleter } from '../../../engine/runtime/completer';
import { loadModel } from '../../../engine/runtime/load';
import { expectSameTokens, numRuns, testDevice } from '../../support/device';
import { temporaryFolder } from '../../support/folder';
import { writeTinyModel } from '../../support/tinyModel';

const folder = temporaryFolder();
const orders = ['psm', 'spm'] as const;
beforeAll(async () => {
  for (const fimOrder of orders) {
    const model = { architecture: 'llama', seed: 31, fimOrder, maxPositions: 1024, layers: 2 } as const;
    await writeTinyModel(folder(fimOrder), model);
  }
});

const load = (model: string) =>
  loadModel({
    modelDirectory: folder(model),
    device: testDevice,
    precision: 'int8',
    threads: 1,
    cacheDirectory: folder('cache'),
  });

const clock = { elapsed: () => 0 };
const never = () => false;
const request = (
  text: string,
  caret: number,
  change: Partial<CompletionRequest> = {},
): CompletionRequest => ({
  session: 'file:///a.ts',
  prefix: text.slice(0, caret),
  suffix: text.slice(caret),
  context: [],
  mode: 'line',
  maxTokens: 6,
  deadlineMs: Number.POSITIVE_INFINITY,
  lineDeadlineMs: Number.POSITIVE_INFINITY,
  without: [],
  ...change,
});

const source = Array.from({ length: 30 }, (_, i) => `const name${i} = f(${i});\n`).join('');
const edit = fc.record({
  at: fc.nat(source.length),
  removed: fc.nat(30),
  added: fc.string({ maxLength: 30 }),
  caret: fc.nat(source.length),
  refreshes: fc.boolean(),
});

describe.each(orders)('with a %s prompt', (order) => {
  test('any edits anywhere, with the caret anywhere, end after a refresh in what a full computation gives', async () => {
    const model = await load(order);
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 6 }), async (edits) => {
        const completer = createCompleter(model, 1024, 2 ** 29);
        let text = source;
        let last = request(text, text.length);
        await completer.complete(last, never, clock);
        for (const { at, removed, added, caret, refreshes } of edits) {
          text = text.slice(0, at) + added + text.slice(at + removed);
          last = request(text, Math.min(caret, text.length));
          await completer.complete(last, never, clock);
          if (refreshes) await completer.refresh(last.session, never);
        }
        expect(await completer.refresh(last.session, never)).toBe(0);
        const reused = await completer.complete(last, never, clock);
        const whole = await completer.complete({ ...last, without: ['kv'] }, never, clock);
        expect(reused.cache).toMatchObject({ encoded: 1, stale: 0 });
        expect(whole.cache).toMatchObject({ kept: 0, shifted: 0 });
        expectSameTokens(reused.tokens, whole.tokens);
      }),
      { numRuns: numRuns(12) },
    );
    await model.decoder.release();
  });

  test('what is prepared is there for the request, which writes the same; a document that was never completed is not read', async () => {
    const model = await load(order);
    const completer = createCompleter(model, 1024, 2 ** 29);
    const caret = source.indexOf('const name15');
    const other = { path: 'b.ts', text: 'export const other = 1;\n'.repeat(4) };
    const wanted = request(source, caret, { context: [other] });
    await completer.prepare(wanted, never);
    const cold = await completer.complete(wanted, never, clock);
    expect(cold.cache).toMatchObject({ kept: 0, shifted: 0 });

    const comeBack = async (prepares: boolean) => {
      completer.forget(wanted.session);
      await completer.complete(request(source, caret), never, clock);
      if (prepares) await completer.prepare(wanted, never);
      return (await completer.complete(wanted, never, clock)).cache.encoded;
    };
    const unprepared = await comeBack(false);
    // The end of a prompt is always read anew, what else is shown only where it is not prepared.
    expect(await comeBack(true)).toBeLessThan(unprepared - 30);
    await completer.refresh(wanted.session, never);
    const exact = await completer.complete(wanted, never, clock);
    expectSameTokens(exact.tokens, cold.tokens);
    await model.decoder.release();
  });

  test('typing encodes what was typed and the repair of the end', async () => {
    const model = await load(order);
    const completer = createCompleter(model, 1024, 2 ** 29);
    const caret = source.indexOf('const name15');
    const text = (typed: string) => source.slice(0, caret) + typed + source.slice(caret);
    await completer.complete(request(text(''), caret), never, clock);
    let encoded = 0;
    for (const typed of ['a = ', 'a = b + ', 'a = b + c * ', 'a = b + c * d - ']) {
      const { cache } = await completer.complete(request(text(typed), caret + typed.length), never, clock);
      encoded += cache.encoded;
      if (order === 'psm') expect(cache.shifted).toBeGreaterThan(200);
      else expect(cache.stale).toBe(0);
    }
    expect(encoded / 4).toBeLessThan(30);
    await model.decoder.release();
  });
});

import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type CompletionRequest,
  type DecodingMode,
  type Engine,
  type EngineOptions,
  startEngine,
  tryDevice,
} from '../../../../engine';
import { defaultModel } from '../../../support/defaultModel';
import { buildEngineBundles, bundlesFolder } from '../../../support/engineBundles';
import { methodRequest } from '../../../support/requests';
import { contrib, exportedModels, plain } from './models';

const { folder, write } = exportedModels();
const bundles = bundlesFolder('exported');
const running: Engine[] = [];
let workerPath: string;
beforeAll(async () => {
  workerPath = await buildEngineBundles(bundles);
});
afterAll(async () => {
  await Promise.all(running.map((engine) => engine.dispose()));
  await rm(bundles, { recursive: true, force: true });
});

const optionsFor = (modelDirectory: string, change: Partial<EngineOptions> = {}): EngineOptions => ({
  modelDirectory,
  device: 'auto',
  precision: 'fp32',
  threads: 1,
  contextTokens: 2048,
  cacheBytes: 2 ** 29,
  cacheDirectory: folder('cache'),
  workerPath,
  ...change,
});

async function start(modelDirectory: string): Promise<Engine> {
  const engine = await startEngine(optionsFor(modelDirectory));
  running.push(engine);
  return engine;
}

const lines = Array.from({ length: 24 }, (_, i) => `  readonly field${i}: number = ${i * 7};\n`).join('');
const source = `export class Stack<T> {\n${lines}  private items: T[] = [];\n\n  push(item: T): void {\n    this.`;
const request = (change: Partial<CompletionRequest> = {}) => methodRequest(source, change);
const never = () => new AbortController().signal;

describe.each([
  ['optimum', plain],
  ['genai', contrib],
] as const)('an engine with the default model as an exported graph: %s', (name, options) => {
  let own: Engine;
  let exported: Engine;
  beforeAll(async () => {
    own = await start(defaultModel);
    exported = await start(await write(name, options, defaultModel));
  }, 60_000);

  test('says what it runs and what it does not', () => {
    const { device, model, precision, fillsInTheMiddle, notes } = exported.info;
    expect({ device, model, precision, fillsInTheMiddle }).toEqual({
      device: 'cpu',
      model: name,
      precision: 'fp32',
      fillsInTheMiddle: own.info.fillsInTheMiddle,
    });
    expect(notes.join('\n')).toMatch(
      /exported graph, .*model\.onnx, so copy speculation, lookahead .* are off/,
    );
  });

  test('completes what the engine with its own graph completes greedily, and drafts nothing', async () => {
    const greedy = request({ without: ['adaptive', 'copy'], session: 'greedy' });
    const [expected, actual] = [
      await own.complete(greedy, never()),
      await exported.complete(greedy, never()),
    ];
    expect(actual.text.length).toBeGreaterThan(0);
    expect(actual.text).toBe(expected.text);
    expect(actual.tokens.map(({ text }) => text)).toEqual(expected.tokens.map(({ text }) => text));
    const all = await exported.complete(request({ session: 'all' }), never());
    expect(all).toMatchObject({ text: expected.text, drafted: 0, stopReason: expected.stopReason });
  });

  test('after an edit far above, keeps what stands before it and moves what stands behind', async () => {
    const session = 'edited';
    await exported.complete(request({ session }), never());
    const edited = request({ session, prefix: source.replace('field2:', 'aNameOfMoreTokensThanBefore:') });
    const { cache, text } = await exported.complete(edited, never());
    expect(cache.kept).toBeGreaterThan(10);
    expect(cache.shifted).toBeGreaterThan(50);
    expect(cache.fallback).toBeUndefined();
    expect(await exported.refresh(session)).toEqual({ stale: 0 });
    const fresh = await exported.complete({ ...edited, without: ['kv'], session: 'new' }, never());
    const again = await exported.complete(edited, never());
    expect(again.cache.encoded).toBeLessThan(10);
    expect(again.text).toBe(fresh.text);
    expect(text.length).toBeGreaterThan(0);
  });

  test.each<DecodingMode>(['adaptive', 'beam', 'infill'])('decodes %s without branches', async (decoding) => {
    const unsure = request({ session: decoding, decoding, threshold: 0, finishAlternatives: true });
    const { text, lookahead, alternatives } = await exported.complete(unsure, never());
    expect(text.length).toBeGreaterThan(0);
    expect(lookahead).toEqual({ pauses: 0, forwards: 0, changes: [] });
    // What else was likely there is still to be had.
    if (decoding === 'adaptive') expect(alternatives.length).toBeGreaterThan(0);
  });

  test('sees the tokens of a text coming as the engine with its own graph does', async () => {
    const asked = { prefix: source, suffix: '', text: 'items.push(item);\n  }\n' };
    const [expected, actual] = [await own.score(asked), await exported.score(asked)];
    expect(actual.map(({ isBest }) => isBest)).toEqual(expected.map(({ isBest }) => isBest));
  });
});

test('the trial of the GPU leaves an exported graph to the processor', async () => {
  const choice = await tryDevice(optionsFor(await write('trial', contrib)));
  expect(choice).toMatchObject({
    device: 'cpu',
    reason: expect.stringMatching(/exported graph \(model\.onnx\)/),
  });
});

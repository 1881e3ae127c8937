import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { buildGraph, tablePositions } from '../../../engine/model/build';
import { readConfig } from '../../../engine/model/config';
import type { Device } from '../../../engine/model/graph';
import type { Precision } from '../../../engine/model/linear';
import { openSafetensors } from '../../../engine/model/safetensors';
import { deviceRefusal } from '../../../engine/runtime/webgpu/session';
import { measureDevices } from '../../../server/bench/device';
import { editedDocument, editedPrompts } from '../../../server/bench/device/edits';
import { startDeviceReader } from '../../../server/bench/device/streaming';
import { bytesOfStep, loadDecoder } from '../../../server/bench/engine';
import { runBench } from '../../../server/bench/index';
import { writeRandomTensors } from '../../../server/bench/randomTensors';
import type { BenchOptions } from '../../../server/bench/suite';
import { widened } from '../../../server/bench/wide';
import { temporaryFolder } from '../../support/folder';

const root = path.resolve(import.meta.dirname, '../../..');
const modelDirectory = path.join(root, 'models', 'default');
const folder = temporaryFolder();
const cacheDirectory = folder('cache');
const options = (): BenchOptions => ({ root, cacheDirectory, progress: () => {} });
const refusal = await deviceRefusal();

test('the suite in small on the processor: every figure, and why no other device is there', async () => {
  const rounds = { edits: 2, recomputations: 1, passes: 1 };
  const { rows, charts, notes } = await measureDevices({ ...options(), device: 'cpu' }, rounds);
  const named = (part: string) => rows.find(({ name }) => name.includes(part));
  expect(rows).toHaveLength(12);
  for (const { name, value } of rows) expect(value, name).toBeGreaterThan(0);
  expect(named('computing all anew')?.ratio).toBeLessThan(0.5);
  expect(named('share of it')?.value).toBeLessThan(150);
  expect(charts?.[0]?.series.map(({ name }) => name)).toEqual(['cpu']);
  expect(notes.join(' ')).toContain('only the processor was to be measured');
}, 120_000);

test('when its time is up a suite reports what it has, and says that something is missing', async () => {
  const over = { ...options(), device: 'cpu' as const, deadline: performance.now() };
  const { rows, notes } = await measureDevices(over, { edits: 2, recomputations: 1, passes: 1 });
  expect(rows).toEqual([]);
  expect(notes).toContain('model: not measured, the time was up.');
});

test('an edit moves what stands behind it, and little is encoded anew', async () => {
  const wide = await widened(modelDirectory, 2048, cacheDirectory);
  const decoder = await loadDecoder({
    modelDirectory: wide,
    device: 'cpu',
    precision: 'int8',
    threads: 0,
    cacheDirectory,
  });
  const document = editedDocument(decoder, 'pie');
  const prompts = editedPrompts(decoder.config.vocabSize);
  const [whole, inserted, removed] = [prompts.next().value, prompts.next().value, prompts.next().value];
  expect(inserted.length).toBe(whole.length + 3);
  expect(removed).toEqual(whole);
  expect((await document.answer(whole, 1)).encoded).toBe(whole.length);
  for (const prompt of [inserted, removed]) {
    const { encoded, firstMs, totalMs } = await document.answer(prompt, 3);
    expect(encoded).toBeLessThan(40);
    expect(totalMs).toBeGreaterThan(firstMs);
  }
  document.close();
  await decoder.release();
}, 60_000);

test.each<[Device, Precision]>([
  ['cpu', 'int8'],
  ['webgpu', 'int8'],
  ['webgpu', 'int4'],
  ['cpu', 'fp32'],
])('what a step reads is what the file of weights holds, %s %s', async (device, precision) => {
  const config = await readConfig(modelDirectory);
  const file = await buildGraph({ modelDirectory, config, precision, device, cacheDirectory });
  const { size } = await stat(path.join(path.dirname(file), 'model.bin'));
  const known = bytesOfStep({ config, device, precision }, 0);
  // The file has tables of angles and the embeddings as well, of which a step reads a row each.
  const tables = 2 * tablePositions(config) * (config.rope.dim / 2) * Float32Array.BYTES_PER_ELEMENT;
  const perElement = precision === 'fp32' ? 4 : 1 + (device === 'webgpu' ? 4 / 32 : 0);
  const embeddings = config.vocabSize * config.hiddenSize * perElement;
  const rest = size - known - tables;
  // Where input and output have the same matrix it is there once.
  expect(Math.min(Math.abs(rest), Math.abs(rest - embeddings)) / size).toBeLessThan(0.02);
});

test('random weights are of the deviation of an initialisation, and no row comes twice', async () => {
  const file = folder('random.safetensors');
  await writeRandomTensors(file, [
    { name: 'norm', dims: [64], isOnes: true },
    // Longer than the block of random numbers, which begins again within it.
    { name: 'matrix', dims: [70_000, 64], isOnes: false },
  ]);
  const { read, close } = await openSafetensors(file);
  expect(new Set(await read('norm'))).toEqual(new Set([1]));
  const matrix = await read('matrix');
  const deviation = Math.sqrt(matrix.reduce((sum, value) => sum + value * value, 0) / matrix.length);
  expect(deviation).toBeCloseTo(0.02, 3);
  const rows = new Set(
    Array.from({ length: 70_000 }, (_, row) => matrix.subarray(row * 64, row * 64 + 64).join()),
  );
  expect(rows.size).toBe(70_000);
  await close();
});

test('a suite that measures nothing of a GPU refuses to name its figures so', async () => {
  const printed: string[] = [];
  const how = { ...options(), device: 'webgpu' as const };
  const [report] = await runBench(['typing'], how, {
    print: (text) => printed.push(text),
    tell: () => {},
    jsonFile: folder('typing.json'),
  });
  expect(report?.failure).toContain('Cannot measure typing on the GPU');
  expect(JSON.parse(await readFile(folder('typing.json'), 'utf8'))).toHaveLength(1);
});

test.skipIf(refusal === undefined)('without a GPU the suite says so in one sentence, and stops', async () => {
  const rounds = { edits: 1, recomputations: 1, passes: 1 };
  const asked = measureDevices({ ...options(), device: 'webgpu', shapes: ['3B'] }, rounds);
  await expect(asked).rejects.toThrow(
    /^Cannot measure the GPU because WebGPU failed \(.+\); update the driver/,
  );
});

test.skipIf(refusal !== undefined)(
  'the memory of a device is streamed, and its time waited for',
  async () => {
    const reader = await startDeviceReader();
    const began = performance.now();
    await reader.read();
    // Nothing that computes reads a terabyte in a tenth of a second: such a time would be that of asking.
    expect(reader.bytes / (performance.now() - began)).toBeLessThan(1e10);
    await reader.release();
  },
  60_000,
);

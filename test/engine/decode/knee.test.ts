import { expect, test } from 'vitest';
import { createKneeMeter, draftKnee } from '../../../engine/decode/knee';
import { loadDecoder } from '../../../engine/runtime/decoder';
import { testDevice } from '../../support/device';
import { temporaryFolder } from '../../support/folder';
import { writeTinyModel } from '../../support/tinyModel';

const folder = temporaryFolder();
const times = (...ms: number[]) => ms.map((value, i) => ({ rows: 2 ** i, ms: value }));

test('drafts are as long as verification is cheap', () => {
  expect(draftKnee(times(4, 4, 4, 4, 4, 4))).toBe(31);
  expect(draftKnee(times(4, 4.3, 4.8, 6, 8.4, 16))).toBe(15);
  expect(draftKnee(times(1, 2, 4, 8, 16, 32))).toBe(0);
});

test('the knee is measured in pieces, as far as nothing else is to be done', async () => {
  await writeTinyModel(folder('model'), { architecture: 'llama', seed: 1, maxPositions: 2048 });
  const decoder = await loadDecoder({
    modelDirectory: folder('model'),
    device: testDevice,
    precision: 'int8',
    threads: 1,
    cacheDirectory: folder('cache'),
  });
  const meter = createKneeMeter(decoder);
  let asked = 0;
  for (let calls = 0; meter.knee === undefined; calls++) {
    expect(calls).toBeLessThan(30);
    await meter.measure(() => ++asked % 3 === 0);
  }
  expect(meter.knee).toBeGreaterThanOrEqual(0);
  expect(meter.knee).toBeLessThan(32);
  await decoder.release();
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MonitorOracle } from '../../../../engine/monitor';
import { createCompleter } from '../../../../engine/runtime/completer';
import type { Decoder } from '../../../../engine/runtime/decoder';
import { type LoadedModel, loadModel } from '../../../../engine/runtime/load';
import { carefulRun, loadGpuDecoder } from '../../../../engine/runtime/webgpu/decoder';
import { defaultModel } from '../../../support/defaultModel';
import { testDevice } from '../../../support/device';
import { temporaryFolder } from '../../../support/folder';
import { lineRequest } from '../../../support/requests';

const folder = temporaryFolder();
const root = join(import.meta.dirname, '../../../..');
const source = readFileSync(join(root, 'engine/cache/kvCache.ts'), 'utf8');
const triggers = [{ kind: 'member', pattern: '\\??\\.([\\w$]*)' }];
/** Behind dots. */
const places = [...source.matchAll(/\w\.(?=\w)/g)].map(({ index }) => index + 2).slice(0, 4);

let model: LoadedModel;
let decoder: Decoder;
beforeAll(async () => {
  const where = { modelDirectory: defaultModel, cacheDirectory: folder('cache') };
  const options = { ...where, device: 'cpu', precision: 'int8', threads: 1 } as const;
  model = await loadModel(options);
  const { config } = model.decoder;
  // On the processor the graphs made for a GPU, whose passes write over the logits of those before.
  const run = { ...carefulRun, provider: testDevice } as const;
  decoder = await loadGpuDecoder({ ...options, vocabulary: model.vocabulary }, config, run);
}, 240_000);
afterAll(async () => {
  await decoder.release();
  await model.decoder.release();
});

/** A decoder, and an oracle that answers when so many passes have been made since it was asked, or at the completion's end. */
function answeringAfter(passes: number): { late: Decoder; oracle: MonitorOracle } {
  const waiting = new Map<() => void, number>();
  const legal = [{ kind: 'member', words: ['zebra'], orOther: false } as const];
  return {
    late: {
      ...decoder,
      async predict(...request) {
        const predictions = await decoder.predict(...request);
        for (const [answer, left] of waiting) {
          waiting.set(answer, left - 1);
          if (left === 1) answer();
        }
        return predictions;
      },
    },
    oracle({ text }) {
      if (text !== '') return Promise.resolve({ reason: 'Nothing is known here.' });
      return new Promise((resolve) => {
        const answer = () => resolve({ legal });
        waiting.set(answer, passes);
        // A completion may be shorter.
        setTimeout(answer, 500);
      });
    },
  };
}

test('decoding goes back over any number of passes, also where a device has written over the logits', {
  timeout: 240_000,
}, async () => {
  let rollbacks = 0;
  for (const [i, at] of places.entries()) {
    const { late, oracle } = answeringAfter(2 + (i % 4));
    const completer = createCompleter({ ...model, decoder: late }, 512, 2 ** 29);
    const completion = await completer.complete(
      {
        ...lineRequest,
        prefix: source.slice(Math.max(0, at - 300), at),
        suffix: source.slice(at, at + 50),
        // Where it is unsure it waits for the answer.
        decoding: 'greedy',
        monitors: { triggers, questionMs: 1000, completionMs: 2000 },
      },
      () => false,
      { elapsed: () => 0 },
      oracle,
    );
    expect(completion.text).toMatch(/^zebra/);
    rollbacks += completion.rollbacks;
    completer.forget(lineRequest.session);
  }
  expect(rollbacks).toBeGreaterThanOrEqual(places.length / 2);
});

import { expect, test } from 'vitest';
import { createHostStorage } from '../../../engine/cache/hostStorage';
import { KvCache } from '../../../engine/cache/kvCache';
import { unconstrained } from '../../../engine/decode/constraint';
import { noDraft } from '../../../engine/decode/draft';
import type { Monitors, Place } from '../../../engine/decode/monitor/monitors';
import type { Output } from '../../../engine/decode/output';
import { predictionOf } from '../../../engine/decode/prediction';
import { wayOut } from '../../../engine/decode/repetition';
import { decode } from '../../../engine/decode/run';
import { newSequence, type Policy } from '../../../engine/decode/step';
import type { Decoder } from '../../../engine/runtime/decoder';

const vocabulary = new Uint8Array(4).fill(1);
const looping = 12;
const end = 20;

/** Writes the same token again and again, and another one once a loop has been left. */
function loopingDecoder(): Decoder {
  let passes = 0;
  const predict: Decoder['predict'] = async (cache, tokens, { logits }) => {
    expect(tokens).not.toContain(undefined);
    passes++;
    const at = cache.length;
    cache.reserve(at, tokens.length);
    cache.encoded(
      at,
      tokens,
      tokens.map((_, i) => at + i),
    );
    const scores = new Float32Array(vocabulary.length);
    scores[passes > looping ? 2 : 1] = 20;
    return Array.from({ length: logits }, () => predictionOf(vocabulary, async () => scores));
  };
  return { trees: true, maxPositions: 100, roomInPass: () => 64, predict } as unknown as Decoder;
}

test('a question of a place that was taken back with a loop is not open any more', async () => {
  const early: Place = { path: 'a', lead: '', restrictions: undefined };
  const late: Place = { path: 'b', lead: '', restrictions: undefined };
  const asked = (length: number) => [...(length >= 2 ? [early] : []), ...(length >= 8 ? [late] : [])];
  const monitors = {
    waits: false,
    at: ({ length }: Uint8Array) => ({
      mask: undefined,
      open: asked(length).filter(({ restrictions }) => restrictions === undefined),
    }),
    isPlaceWithin: () => false,
  } as unknown as Monitors;
  const sequence = newSequence(new KvCache(createHostStorage({ layers: 1, kvHeads: 1, headDim: 2 })), [0]);
  const written: number[] = [];
  let stop: Output['stop'];
  let hasLooped = false;
  const output = {
    tokens: written,
    get stop() {
      return stop;
    },
    commit({ token }: { token: number }) {
      written.push(token);
      if (!hasLooped && written.length === looping) {
        stop = { reason: 'repetition', text: '' };
        early.restrictions = [];
      }
      if (written.length === end) stop = { reason: 'max-tokens', text: '' };
      return stop === undefined;
    },
    truncate(count: number) {
      written.length = count;
      stop = undefined;
    },
    wayOut: () =>
      stop?.reason === 'repetition' ? wayOut(written, new Array(written.length).fill(-1), 1) : undefined,
    goesOnAfter: () => true,
  } as unknown as Output;
  const interrupted = () => {
    // The time seems to be over, going by a pass that took long, and is not when it is asked for again.
    if (stop?.reason === 'repetition' && !hasLooped) {
      hasLooped = true;
      return 'deadline';
    }
    if (hasLooped && written.length === 3) late.restrictions = [{} as never];
    return undefined;
  };
  const policy: Policy = {
    constraint: unconstrained,
    drafter: noDraft,
    monitoring: {
      monitors,
      tokenBytes: () => Buffer.from('x'),
      threshold: Number.POSITIVE_INFINITY,
      isInterrupted: () => false,
    },
  };
  const { stopReason } = await decode(
    loopingDecoder(),
    sequence,
    output,
    policy,
    () => end,
    interrupted as never,
  );
  expect(stopReason).toBe('max-tokens');
  expect(sequence.tokens).not.toContain(undefined);
});

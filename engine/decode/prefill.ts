import type { EditPlan } from '../cache/editPlan';
import type { KvCache } from '../cache/kvCache';
import type { KeyRotation } from '../cache/rotation';
import { type Decoder, roomInBlock } from '../runtime/decoder';

export interface Prefill<Reason> {
  readonly forwards: number;
  /** What ended it early. */
  readonly interrupted: Reason | undefined;
  /** Tokens that are not encoded for that; 0 where nothing ended it. */
  readonly missing: number;
}

/**
 * Turns a cache into one for a prompt by a plan: moves rows, encodes the holes between them in order, and then the end but for
 * its last pass, which the first step of decoding makes and reads logits from. An attention block a pass.
 * @param interrupted asked between passes, with the rows of the next one; what it returns ends the prefill. The cache then has
 *   rows that are not encoded, which the next plan finds to be holes.
 */
export async function prefill<Reason>(
  decoder: Decoder,
  cache: KvCache,
  tokens: readonly number[],
  { runs, holes, tail }: Pick<EditPlan, 'runs' | 'holes' | 'tail'>,
  rotate: KeyRotation | undefined,
  interrupted: (rows: number) => Reason | undefined,
): Promise<Prefill<Reason>> {
  cache.rearrange(runs, rotate);
  let forwards = 0;
  let missing = [...holes, { from: tail, to: tokens.length }].reduce(
    (sum, { from, to }) => sum + to - from,
    0,
  );
  const encode = async (from: number, to: number) => {
    for (let at = from; at < to; forwards++) {
      const end = Math.min(to, at + roomInBlock(at));
      const reason = interrupted(end - at);
      if (reason !== undefined) return reason;
      await decoder.forward(cache, tokens.slice(at, end), { logits: 0, at });
      missing -= end - at;
      at = end;
    }
    return undefined;
  };
  for (const { from, to } of holes) {
    const reason = await encode(from, to);
    if (reason !== undefined) return { forwards, interrupted: reason, missing };
  }
  const last = lastPass(tail, tokens.length);
  const reason = (await encode(tail, last)) ?? interrupted(tokens.length - last);
  // What is left without an interruption is the first step's.
  return { forwards, interrupted: reason, missing: reason === undefined ? 0 : missing };
}

/** Where the last pass of an encoding of `[from, length)` begins. */
function lastPass(from: number, length: number): number {
  let at = from;
  while (at + roomInBlock(at) < length) at += roomInBlock(at);
  return at;
}

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Bytes of a number that is used once, and of a proof over it. */
export const nonceBytes = 32;
export const proofBytes = 32;

export const newNonce = (): Buffer => randomBytes(nonceBytes);

/**
 * Shows that one knows the token without telling it: on Windows anybody may open a pipe of any name, and would learn it from
 * the first who takes him for a host.
 * @param side who proves it, so that one's own proof cannot be sent back
 */
export function proofOf(token: string, side: 'host' | 'guest', nonce: Buffer): Buffer {
  return createHmac('sha256', token).update(side).update(nonce).digest();
}

export const isProof = (shown: Buffer, token: string, side: 'host' | 'guest', nonce: Buffer): boolean =>
  shown.length === proofBytes && timingSafeEqual(shown, proofOf(token, side, nonce));

/** Collects the first bytes of a stream, and gives what comes behind them to whoever is next. */
export function firstBytes(
  count: number,
  then: (bytes: Buffer) => ((rest: Buffer) => void) | undefined,
): (chunk: Buffer) => void {
  let collected = Buffer.alloc(0);
  let next: ((rest: Buffer) => void) | undefined;
  let isOver = false;
  return (chunk) => {
    if (isOver) return next?.(chunk);
    collected = Buffer.concat([collected, chunk]);
    if (collected.length < count) return;
    isOver = true;
    next = then(collected.subarray(0, count));
    if (collected.length > count) next?.(collected.subarray(count));
  };
}

/** What this process holds on a device, all decoders together. Weights and scratch memory are onnxruntime's own. */
export type HeldKind = 'caches' | 'logits';

const held: Record<HeldKind, number> = { caches: 0, logits: 0 };

/** @returns bytes */
export const heldDeviceBytes = (kind: HeldKind): number => held[kind];

/** @param bytes of a buffer that was made; less than 0 for one that was freed */
export function noteDeviceBytes(kind: HeldKind, bytes: number): void {
  held[kind] += bytes;
}

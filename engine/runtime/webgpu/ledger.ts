/** Bytes that this process holds in caches on a device, all decoders together. Weights and scratch memory are onnxruntime's own. */
let held = 0;

export const heldDeviceBytes = (): number => held;

/** @param bytes of a buffer that was made; less than 0 for one that was freed */
export function noteDeviceBytes(bytes: number): void {
  held += bytes;
}

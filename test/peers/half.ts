const word = new DataView(new ArrayBuffer(4));

/** The nearest IEEE 754 binary16 of a finite number (ties to even), as its 16 bits. */
export function toHalf(value: number): number {
  word.setFloat32(0, value);
  const bits = word.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = Math.abs(word.getFloat32(0));
  if (magnitude >= 65520) return sign | 0x7c00;
  // Below the normal range the step is constant; above it depends on the exponent.
  const exponent = Math.max(((bits >>> 23) & 0xff) - 127, -14);
  const steps = roundToEven(magnitude / 2 ** (exponent - 10));
  // `steps` counts the implicit leading bit, which carries into the exponent field by itself.
  return sign | (((exponent + 14) << 10) + steps);
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

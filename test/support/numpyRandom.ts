/**
 * `numpy.random.RandomState(seed).permutation(count)`, with which scikit-learn splits data: the Mersenne Twister MT19937
 * (Matsumoto and Nishimura 1998), and numpy's shuffle, which draws below a bound by masking and rejecting.
 */
export function numpyPermutation(seed: number): (count: number) => number[] {
  const next = mersenneTwister(seed);
  const upTo = (most: number): number => {
    const mask = 2 ** (32 - Math.clz32(most)) - 1;
    for (;;) {
      const value = (next() & mask) >>> 0;
      if (value <= most) return value;
    }
  };
  return (count) => {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = upTo(i);
      [order[i], order[j]] = [order[j] as number, order[i] as number];
    }
    return order;
  };
}

const size = 624;
const middle = 397;

function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(size);
  state[0] = seed;
  for (let i = 1; i < size; i++) {
    const previous = state[i - 1] as number;
    state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
  }
  let index = size;
  const at = (i: number) => state[i % size] as number;
  return () => {
    if (index === size) {
      for (let i = 0; i < size; i++) {
        const mixed = (at(i) & 0x80000000) | (at(i + 1) & 0x7fffffff);
        state[i] = at(i + middle) ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0);
      }
      index = 0;
    }
    let value = state[index++] as number;
    value ^= value >>> 11;
    value ^= (value << 7) & 0x9d2c5680;
    value ^= (value << 15) & 0xefc60000;
    value ^= value >>> 18;
    return value >>> 0;
  };
}

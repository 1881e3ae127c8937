import { type FileHandle, open } from 'node:fs/promises';

export interface RandomTensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** Ones in place of random numbers, as in a norm. */
  readonly isOnes: boolean;
}

/** A prime: rows of no matrix come again before the whole block has. */
const blockLength = 4_194_301;

/**
 * Writes a .safetensors file of bf16 numbers around 0 with a deviation near 0.02 (initialisation's). They are one block of random
 * numbers over and over, since drawing billions would take longer than writing them.
 */
export async function writeRandomTensors(path: string, tensors: readonly RandomTensor[]): Promise<void> {
  let end = 0;
  const header: Record<string, object> = {};
  for (const { name, dims } of tensors) {
    const bytes = 2 * countOf(dims);
    header[name] = { dtype: 'BF16', shape: dims, data_offsets: [end, end + bytes] };
    end += bytes;
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const file = await open(path, 'w');
  try {
    await write(file, Buffer.concat([length, json]));
    const block = randomBlock();
    let at = 0;
    for (const { dims, isOnes } of tensors) {
      const count = countOf(dims);
      if (isOnes) await write(file, bytesOf(new Uint16Array(count).fill(toBfloat16(1))));
      for (let done = isOnes ? count : 0; done < count; ) {
        const part = block.subarray(at, at + count - done);
        await write(file, bytesOf(part));
        done += part.length;
        at = (at + part.length) % block.length;
      }
    }
  } finally {
    await file.close();
  }
}

const countOf = (dims: readonly number[]) => dims.reduce((a, b) => a * b, 1);

const bytesOf = (values: Uint16Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

async function write(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; )
    done += (await file.write(bytes, done, bytes.length - done)).bytesWritten;
}

function randomBlock(): Uint16Array {
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  // The sum of three uniform numbers is close enough to normal.
  return Uint16Array.from({ length: blockLength }, () =>
    toBfloat16(0.04 * (uniform() + uniform() + uniform())),
  );
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

function toBfloat16(value: number): number {
  float[0] = value;
  return (bits[0] ?? 0) >>> 16;
}

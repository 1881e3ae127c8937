import type { Socket } from 'node:net';
import { deserialize, serialize } from 'node:v8';

/** Bytes of a message, before it: a 32-bit number, little-endian. */
const headBytes = 4;
/** Far more than a document and what is copied from. What claims more is no message of ours. */
const mostBytes = 2 ** 28;

/**
 * Messages over a stream of bytes: plain data in V8's own form, which knows infinite numbers as JSON does not. Only for
 * those who have shown their token: that form is not made for strangers.
 */
export function createFrames(
  socket: Socket,
  onMessage: (message: unknown) => void,
): { send(message: unknown): void; read(chunk: Buffer): void } {
  let chunks: Buffer[] = [];
  let length = 0;

  function take(bytes: number): Buffer | undefined {
    if (length < bytes) return undefined;
    const all = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
    chunks = [all];
    return all;
  }

  return {
    send(message) {
      if (!socket.writable) return;
      const body = serialize(message);
      const head = Buffer.alloc(headBytes);
      head.writeUInt32LE(body.length);
      socket.cork();
      socket.write(head);
      socket.write(body);
      socket.uncork();
    },

    read(chunk) {
      chunks.push(chunk);
      length += chunk.length;
      try {
        for (;;) {
          const wanted = take(headBytes)?.readUInt32LE();
          if (wanted === undefined) return;
          if (wanted > mostBytes) throw new RangeError(`a message of ${wanted} bytes`);
          const all = take(headBytes + wanted);
          if (all === undefined) return;
          const rest = all.subarray(headBytes + wanted);
          chunks = [rest];
          length = rest.length;
          onMessage(deserialize(all.subarray(headBytes, headBytes + wanted)));
        }
      } catch (error) {
        socket.destroy(error instanceof Error ? error : undefined);
      }
    },
  };
}

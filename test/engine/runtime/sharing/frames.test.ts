import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, expect, test } from 'vitest';
import { createFrames } from '../../../../engine/runtime/sharing/frames';
import { scratchFolder } from '../../../server/integration/support';

const scratch = scratchFolder();
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(scratch.remove);

/** The two ends of a local socket. */
async function pair(): Promise<[Socket, Socket]> {
  const server = createServer();
  const path = join(scratch.path, 'pair.sock');
  server.listen(path);
  await once(server, 'listening');
  const near = connect(path);
  const [far] = (await once(server, 'connection')) as [Socket];
  server.close();
  sockets.push(near, far);
  return [near, far];
}

const message = fc.record({
  type: fc.string(),
  number: fc.double(),
  list: fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constant(undefined), fc.constant(Infinity))),
});

test('messages arrive whole and in order, however the bytes are cut', async () => {
  const [near, far] = await pair();
  let written: Buffer[] = [];
  near.on('data', (chunk) => written.push(chunk));
  await fc.assert(
    fc.asyncProperty(
      fc.array(message, { minLength: 1, maxLength: 6 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
      async (sent, cuts) => {
        written = [];
        const { send } = createFrames(far, () => {});
        for (const one of sent) send(one);
        await once(near, 'data');
        const bytes = Buffer.concat(written);
        const got: unknown[] = [];
        const { read } = createFrames(near, (one) => got.push(one));
        for (let at = 0; at < bytes.length; ) {
          const [length = 1] = [...cuts.take(1)];
          read(bytes.subarray(at, at + length));
          at += length;
        }
        expect(got).toEqual(sent);
      },
    ),
    { numRuns: 50 },
  );
});

test.each([
  ['that claims more bytes than any message has', Buffer.from([255, 255, 255, 255])],
  ['that is none', Buffer.from([4, 0, 0, 0, 1, 2, 3, 4])],
])('something %s ends the connection', async (_, bytes) => {
  const [near] = await pair();
  near.on('error', () => {});
  createFrames(near, () => {}).read(bytes);
  expect(near.destroyed).toBe(true);
});

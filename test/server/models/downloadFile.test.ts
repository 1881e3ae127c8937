import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hubAccess } from '../../../server/models/access';
import { downloadFile, partialOf } from '../../../server/models/downloadFile';
import { type HubClient, openHub } from '../../../server/models/http';
import { modelInfo } from '../../../server/models/hub';
import { type FakeHub, startHub } from '../../support/hub';

const name = 'model.safetensors';
const content = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 31 + (i >> 5)) & 255));
let scratch: string;
let hub: FakeHub;
let client: HubClient;

beforeAll(async () => {
  scratch = mkdtempSync(path.join(tmpdir(), 'slipstream-file-'));
  hub = await startHub('a/b', new Map([[name, content]]));
  client = await openHub(hubAccess({ endpoint: hub.endpoint, proxy: '', offline: false }, {}));
});
afterAll(async () => {
  await client.close();
  await hub.stop();
  rmSync(scratch, { recursive: true, force: true });
});

/** What a server, a proxy or a network does to one request: sends so many bytes and breaks, or something else. */
type Trouble = number | 'error' | 'too many' | 'no range' | 'another range';

function make(trouble: Trouble, response: ServerResponse, from: number): boolean {
  if (trouble === 'error' || trouble === 'too many') {
    response.writeHead(trouble === 'error' ? 502 : 429, { 'retry-after': '0' }).end('no');
    return true;
  }
  const start = trouble === 'no range' ? 0 : trouble === 'another range' ? Math.floor(from / 2) : from;
  const part = content.subarray(start);
  const length = { 'content-length': part.length };
  const range = { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` };
  const isWhole = trouble === 'no range' || from === 0;
  response.writeHead(isWhole ? 200 : 206, isWhole ? length : { ...length, ...range });
  if (typeof trouble !== 'number') response.end(part);
  else response.write(part.subarray(0, trouble), () => setTimeout(() => response.destroy(), 5));
  return true;
}

const troubles: fc.Arbitrary<Trouble[]> = fc.array(
  fc.oneof(
    fc.integer({ min: 1, max: 3000 }),
    fc.constantFrom<Trouble>('error', 'too many', 'no range', 'another range'),
  ),
  { maxLength: 6 },
);

it('is the same file in the end, whatever happens on the way and whatever an earlier download left', async () => {
  const signal = new AbortController().signal;
  const info = await modelInfo(client, 'a/b', 'main', signal);
  const [file] = info.files;
  if (file === undefined) throw new Error('the hub lists no file');
  const left = fc.oneof(fc.constant(undefined), fc.integer({ min: 0, max: 6000 }));
  await fc.assert(
    fc.asyncProperty(troubles, left, fc.boolean(), async (plan, beginning, isRight) => {
      const folder = mkdtempSync(path.join(scratch, 'run-'));
      const target = path.join(folder, name);
      if (beginning !== undefined) {
        const bytes = Buffer.concat([content, Buffer.alloc(1000)]).subarray(0, beginning);
        writeFileSync(partialOf(target), isRight ? bytes : Buffer.alloc(beginning, 7));
      }
      const rest = [...plan];
      hub.mischief = (request, response) => {
        const trouble = rest.shift();
        const from = Number(/(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
        return trouble !== undefined && make(trouble, response, from);
      };
      await downloadFile({
        ...{ hub: client, address: `${hub.endpoint}/a/b/resolve/x/${name}`, page: hub.endpoint, what: name },
        ...{ file, target, signal, waits: Array.from({ length: 8 }, () => 0), onBytes: () => {} },
      });
      expect(readFileSync(target).equals(content)).toBe(true);
      expect(readdirSync(folder)).toEqual([name]);
    }),
    { numRuns: 60 },
  );
}, 60_000);

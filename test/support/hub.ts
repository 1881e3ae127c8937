import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface HubRequest {
  readonly url: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/** Takes over the answer to a request if it returns true. */
export type Mischief = (request: IncomingMessage, response: ServerResponse, times: number) => boolean;

export interface FakeHub {
  readonly endpoint: string;
  readonly requests: HubRequest[];
  /** In front of the hub's own answers; `times` counts the requests for the same path before. */
  mischief: Mischief | undefined;
  /** What the description of the model says besides. */
  description: object;
  /** Whether files answer with ranges. */
  hasRanges: boolean;
  /** Weights are stored at this address, as on a content network. */
  storage: string | undefined;
  /** The bytes of the files, by name: what is promised and what is sent. */
  files: Map<string, Buffer>;
  sent: Map<string, Buffer>;
  readonly commit: string;
  stop(): Promise<void>;
}

/** A server on this machine that speaks the part of Hugging Face's API that downloads need, for one model. */
export async function startHub(repository: string, files: ReadonlyMap<string, Buffer>): Promise<FakeHub> {
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://hub');
    const { range, authorization } = request.headers;
    hub.requests.push({ url: `${pathname}${search}`, range, authorization });
    const times = counts.get(pathname) ?? 0;
    counts.set(pathname, times + 1);
    if (hub.mischief?.(request, response, times)) return;
    if (pathname.startsWith(`/api/models/${repository}`)) return describe(response, pathname);
    const name = decodeURIComponent(pathname.split('/').at(-1) ?? '');
    if (hub.storage !== undefined && name.endsWith('.safetensors') && !pathname.startsWith('/storage/')) {
      response.writeHead(302, { location: `${hub.storage}/storage/${name}` }).end('Found');
      return;
    }
    sendFile(response, hub.sent.get(name) ?? hub.files.get(name), hub.hasRanges ? range : undefined);
  });

  function describe(response: ServerResponse, pathname: string): void {
    const revision = /\/revision\/(.+)$/.exec(pathname)?.[1];
    if (revision !== undefined && revision !== hub.commit && revision !== 'v1')
      return void response
        .writeHead(404, { 'content-type': 'application/json' })
        .end('{"error":"Invalid rev id"}');
    const siblings = [...hub.files].map(([rfilename, bytes]) => sibling(rfilename, bytes));
    const info = {
      id: repository,
      sha: hub.commit,
      tags: ['license:apache-2.0'],
      siblings,
      ...hub.description,
    };
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(info));
  }

  const hub: FakeHub = {
    endpoint: await listen(server),
    requests: [],
    mischief: undefined,
    description: {},
    hasRanges: true,
    storage: undefined,
    files: new Map(files),
    sent: new Map(),
    commit: '0123456789abcdef0123456789abcdef01234567',
    stop: () => stop(server),
  };
  return hub;
}

/** As the real hub: the weights in Git LFS with their SHA-256, the rest in Git with its blob id. */
function sibling(rfilename: string, bytes: Buffer): object {
  const size = bytes.length;
  const blobId = createHash('sha1').update(`blob ${size}\0`).update(bytes).digest('hex');
  if (!rfilename.endsWith('.safetensors')) return { rfilename, size, blobId };
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { rfilename, size, blobId: 'ab'.repeat(20), lfs: { sha256, size, pointerSize: 135 } };
}

function sendFile(response: ServerResponse, bytes: Buffer | undefined, range: string | undefined): void {
  if (bytes === undefined) return void response.writeHead(404).end('Entry not found');
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
  if (range !== undefined && start >= bytes.length)
    return void response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
  const part = bytes.subarray(start);
  const headers = { 'content-length': part.length, 'content-type': 'application/octet-stream' };
  if (range === undefined) return void response.writeHead(200, headers).end(part);
  const contentRange = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
  response.writeHead(206, { ...headers, 'content-range': contentRange }).end(part);
}

export interface FakeProxy {
  readonly address: string;
  /** "CONNECT host:port" or "GET http://host/path", with the credentials behind it. */
  readonly requests: string[];
  stop(): Promise<void>;
}

/** A forward proxy that tunnels; with credentials it refuses everybody else with 407. */
export async function startProxy(credentials?: string): Promise<FakeProxy> {
  const requests: string[] = [];
  const expected = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
  const server = createServer((_, response) => response.writeHead(501).end());
  const tunnels = new Set<Socket>();
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    requests.push(`CONNECT ${request.url}`);
    if (expected !== undefined && request.headers['proxy-authorization'] !== expected)
      return client.end('HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n');
    const { hostname, port } = new URL(`http://${request.url}`);
    const remote = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      remote.pipe(client).pipe(remote);
    });
    for (const socket of [remote, client]) {
      tunnels.add(socket);
      socket.on('error', () => socket.destroy());
    }
  });
  return {
    address: (await listen(server)).replace('//', credentials === undefined ? '//' : `//${credentials}@`),
    requests,
    async stop() {
      for (const socket of tunnels) socket.destroy();
      await stop(server);
    },
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

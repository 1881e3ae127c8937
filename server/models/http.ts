import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { SlipstreamError } from '../../engine/index';
import type { HubAccess } from './access';
import { connectionFailure, withoutSecrets } from './failures';

export interface HubResponse {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Must be read to its end or destroyed. */
  readonly body: Readable;
}

/** The one way out to the network: nothing else of Slipstream opens a connection. */
export interface HubClient {
  readonly access: HubAccess;
  /**
   * Follows redirects. Statuses are answers, whatever they are.
   * @throws SlipstreamError or PassingFailure where no answer is to be had; the signal's reason where it aborts
   */
  get(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HubResponse>;
  close(): Promise<void>;
}

const mostRedirects = 5;
/** So long nothing may come before the connection counts as broken. */
const silenceMs = 30_000;

/** @throws SlipstreamError hub-offline: nobody gets a client who is to stay offline */
export async function openHub(access: HubAccess): Promise<HubClient> {
  if (access.offline)
    throw new SlipstreamError(
      'hub-offline',
      'Nothing is downloaded because Slipstream is set to stay offline; set offline to false in slipstream.hub (and unset HF_HUB_OFFLINE), or add a folder that is on disk.',
    );
  // Loaded here and nowhere else, so that a server that downloads nothing has no HTTP client in it.
  const { EnvHttpProxyAgent, ProxyAgent, request } = await import('undici');
  const times = { headersTimeout: silenceMs, bodyTimeout: silenceMs, connect: { timeout: silenceMs } };
  const createDispatcher = (): Dispatcher =>
    access.proxy === undefined
      ? new EnvHttpProxyAgent(times)
      : new ProxyAgent({ ...times, uri: access.proxy });
  const dispatcher = orMisconfigured(createDispatcher);

  async function once(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal) {
    try {
      return await request(url, { dispatcher, signal, headers });
    } catch (error) {
      signal.throwIfAborted();
      throw connectionFailure(error, url.host, access.proxy);
    }
  }

  return {
    access,
    async get(address, headers, signal) {
      let url = new URL(address);
      for (let redirects = 0; redirects <= mostRedirects; redirects++) {
        const answer = await once(url, { ...headers, ...identity, ...authorisation(access, url) }, signal);
        const response = { status: answer.statusCode, headers: single(answer.headers), body: answer.body };
        // Whoever reads it is told; a body that is given up must not end the process.
        answer.body.on('error', () => undefined);
        const { location } = response.headers;
        if (![301, 302, 303, 307, 308].includes(response.status) || location === undefined) return response;
        // An unread body would keep the connection busy.
        await answer.body.dump().catch(() => undefined);
        url = redirected(url, location);
      }
      throw badAnswer(url, `it redirects more than ${mostRedirects} times`);
    },
    close: () => dispatcher.destroy(),
  };
}

/** The proxies of the environment are whatever was put there. */
function orMisconfigured(createDispatcher: () => Dispatcher): Dispatcher {
  try {
    return createDispatcher();
  } catch (error) {
    throw new SlipstreamError(
      'hub-misconfigured',
      `Nothing can be downloaded because the address of the proxy is of no use (${(error as Error).message}); correct HTTPS_PROXY and HTTP_PROXY, or name the proxy in slipstream.hub.`,
    );
  }
}

/** What is counted, resumed and hashed are the file's own bytes. */
const identity = { 'accept-encoding': 'identity', 'user-agent': 'slipstream' };

/** Redirects lead to hosts that only store files: the token is the hub's alone, and nobody on the way may read it. */
function authorisation({ endpoint, token }: HubAccess, url: URL): Record<string, string> {
  if (token === undefined || url.origin !== new URL(endpoint).origin) return {};
  const isPrivate =
    url.protocol === 'https:' || /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  return isPrivate ? { authorization: `Bearer ${token}` } : {};
}

function redirected(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to?.protocol !== 'https:' && to?.protocol !== 'http:')
    throw badAnswer(from, `it redirects to "${location}", which is no web address`);
  if (from.protocol === 'https:' && to.protocol === 'http:')
    throw badAnswer(from, `it redirects from https to the unprotected ${withoutSecrets(to.origin)}`);
  return to;
}

const badAnswer = (url: URL, why: string) =>
  new SlipstreamError(
    'hub-answer',
    `Cannot download from ${url.host} because ${why}; check the endpoint and the proxy of slipstream.hub.`,
  );

function single(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? (value[0] ?? '') : value]],
  );
  return Object.fromEntries(entries);
}

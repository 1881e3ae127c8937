import { SlipstreamError } from '../../engine/index';

/** A failure that may pass by itself: what is told if it does not, and how long the hub wants to be left alone. */
export class PassingFailure extends Error {
  override name = 'PassingFailure';
  constructor(
    readonly told: SlipstreamError,
    readonly waitMs: number | undefined = undefined,
  ) {
    super(told.message, { cause: told });
  }
}

/** A hub that wants to be left alone for longer is not waited for. */
const longestWaitMs = 60_000;

/**
 * What an answer that is not a success means for whoever waits for it.
 * @param what "config.json of Qwen/Qwen2.5-Coder-0.5B"
 * @param page where the model can be looked at
 */
export function refusal(
  status: number,
  headers: Readonly<Record<string, string>>,
  what: string,
  page: string,
): Error {
  const fail = (why: string, todo: string) =>
    new SlipstreamError('hub-refused', `Cannot download ${what} because ${why}; ${todo}.`);
  const host = new URL(page).host;
  switch (true) {
    case status === 401:
      return fail(
        'the hub wants to know who asks (401), which it also says where there is no such model',
        `check the name, or set HF_TOKEN to a valid access token and start the editor from there`,
      );
    case status === 403:
      return fail(
        'the hub does not allow it (403)',
        `accept the model's terms at ${page} and set HF_TOKEN to an access token of that account`,
      );
    case status === 404:
      return fail('the hub does not have it (404)', 'check the name and the revision');
    case status === 407:
      return fail(
        'the proxy wants a user name and password (407)',
        'put them into the proxy address: http://user:password@host:port',
      );
    case status === 429: {
      const waitMs = retryAfterMs(headers['retry-after']);
      const told = fail(
        'the hub has had too many requests from here (429)',
        'try again in some minutes; what has been downloaded is kept',
      );
      return waitMs > longestWaitMs ? told : new PassingFailure(told, waitMs);
    }
    case status >= 500:
      return new PassingFailure(
        fail(
          `${host} has trouble of its own (${status})`,
          'try again later; what has been downloaded is kept',
        ),
      );
    default:
      return fail(
        `${host} answered with the status ${status}`,
        'check the endpoint of slipstream.hub, or try again later',
      );
  }
}

/** Seconds or a date, as HTTP has it. */
function retryAfterMs(value: string | undefined): number {
  if (value === undefined) return 5_000;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? 5_000 : Math.max(0, ms);
}

const certificateCodes = /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS/;

/** What a connection that could not be made, or broke, means for whoever waits for it. */
export function connectionFailure(error: unknown, host: string, proxy: string | undefined): Error {
  const { code = '', message } = innermost(error);
  const through = proxy === undefined ? '' : ` through the proxy ${withoutSecrets(proxy)}`;
  const fail = (why: string, todo: string) =>
    new SlipstreamError('hub-unreachable', `Cannot reach ${host}${through} because ${why}; ${todo}.`, {
      cause: error,
    });
  if (/407/.test(message) && /proxy/i.test(message))
    return fail(
      'the proxy wants a user name and password (407)',
      'put them into its address: http://user:password@host:port',
    );
  if (certificateCodes.test(code))
    return fail(
      `its certificate is not trusted (${code})`,
      'if your network has its own certificates, set NODE_EXTRA_CA_CERTS to their file and start the editor from there',
    );
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new PassingFailure(
      fail(
        'its address cannot be looked up',
        'check the network connection, and the endpoint and proxy of slipstream.hub',
      ),
    );
  if (code === 'ECONNREFUSED')
    return new PassingFailure(
      fail('the connection is refused', 'check the endpoint and the proxy of slipstream.hub'),
    );
  return new PassingFailure(
    fail(
      `the connection fails (${code || message})`,
      'check the network connection and try again; what has been downloaded is kept',
    ),
  );
}

/** A proxy's address may hold a password. */
export const withoutSecrets = (address: string) => address.replace(/\/\/[^/@]*@/, '//');

/** Libraries wrap what the system said; where there were several tries, the first has the reason. */
function innermost(error: unknown): { code?: string; message: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors[0]);
  if (!(error instanceof Error)) return { message: String(error) };
  const { cause } = error;
  if (cause instanceof Error) return innermost(cause);
  const { code } = error as NodeJS.ErrnoException;
  return { ...(code === undefined ? {} : { code }), message: error.message };
}

import { SlipstreamError } from '../../engine/index';
import type { HubSettings } from '../protocol';

/** Which hub is asked, and how it is reached. */
export interface HubAccess {
  /** Without a slash at its end. */
  readonly endpoint: string;
  /** Sent to the endpoint itself and to no other host. */
  readonly token: string | undefined;
  /** Undefined: what the environment says (HTTPS_PROXY, HTTP_PROXY, NO_PROXY), else none. */
  readonly proxy: string | undefined;
  readonly offline: boolean;
}

const publicHub = 'https://huggingface.co';

/**
 * The setting `slipstream.hub`, and what other programs that speak to the hub read from the environment; the setting wins.
 * @param editorProxy the editor's own proxy, for where the setting names none
 * @throws SlipstreamError hub-misconfigured
 */
export function hubAccess(
  settings: HubSettings,
  environment: NodeJS.ProcessEnv = process.env,
  editorProxy = '',
): HubAccess {
  const endpoint = settings.endpoint || environment.HF_ENDPOINT || publicHub;
  const proxy = settings.proxy || editorProxy;
  return {
    endpoint: webAddress(endpoint, 'The address of the model hub', 'slipstream.hub or HF_ENDPOINT').replace(
      /\/+$/,
      '',
    ),
    token: environment.HF_TOKEN?.trim() || undefined,
    proxy: proxy === '' ? undefined : webAddress(proxy, 'The address of the proxy', 'slipstream.hub'),
    offline: settings.offline || isOn(environment.HF_HUB_OFFLINE),
  };
}

const isOn = (value: string | undefined) => /^(1|true|yes|on)$/i.test(value ?? '');

function webAddress(address: string, what: string, where: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return address;
  throw new SlipstreamError(
    'hub-misconfigured',
    `${what}, "${address.replace(/^.*@/, '')}", is not an address with https:// or http://; correct ${where}.`,
  );
}

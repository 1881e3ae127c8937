import type { Readable } from 'node:stream';
import { SlipstreamError } from '../../engine/index';
import { connectionFailure, refusal } from './failures';
import type { HubClient } from './http';
import { checkRepository, checkRevision } from './names';
import { persist, usualWaits } from './persist';

/** A file as the hub describes it. */
export interface RemoteFile {
  readonly name: string;
  /** In bytes. */
  readonly size: number | undefined;
  /** Of files in Git LFS: the weights, often the tokenizer. */
  readonly sha256: string | undefined;
  /** Of files in Git itself: SHA-1 over "blob <size>\0" and the content. */
  readonly blobSha1: string | undefined;
}

export interface ModelInfo {
  readonly repository: string;
  /** What the revision was when it was asked for; files are downloaded from exactly this. */
  readonly commit: string;
  /** As the model's authors name it, such as "apache-2.0"; undefined where they do not. */
  readonly licence: string | undefined;
  readonly licenceLink: string | undefined;
  /** Whether its terms must be accepted on its page first. */
  readonly isGated: boolean;
  /** Its page, for people. */
  readonly page: string;
  readonly files: readonly RemoteFile[];
}

/** So long an answer with many files is; a proxy's page or a wrong server may send anything. */
const longestAnswer = 16 * 2 ** 20;

/**
 * Asks the hub what a model has: `GET /api/models/<repository>/revision/<revision>?blobs=true`.
 * @throws SlipstreamError hub-refused, hub-unreachable or hub-answer
 */
export async function modelInfo(
  hub: HubClient,
  name: string,
  revision: string,
  signal: AbortSignal,
  waits: readonly number[] = usualWaits,
): Promise<ModelInfo> {
  const repository = checkRepository(name);
  const { endpoint } = hub.access;
  const path = revision === 'main' ? '' : `/revision/${encodeURIComponent(checkRevision(revision))}`;
  const address = `${endpoint}/api/models/${repository}${path}?blobs=true`;
  const page = `${endpoint}/${repository}`;
  const answer = await persist(
    async () => {
      const { status, headers, body } = await hub.get(address, { accept: 'application/json' }, signal);
      const whole = await textOf(body, hub, signal);
      if (status !== 200) throw refusal(status, headers, repository, page);
      return whole;
    },
    { signal, waits, progress: () => 0 },
  );
  return parseModelInfo(answer, repository, page);
}

/** Cut off where it is longer than any description of a model. */
async function textOf(body: Readable, { access }: HubClient, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > longestAnswer) break;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw connectionFailure(error, new URL(access.endpoint).host, access.proxy);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The address of one file's content, which may redirect to where it is stored. */
export function fileAddress(endpoint: string, { repository, commit }: ModelInfo, name: string): string {
  return `${endpoint}/${repository}/resolve/${commit}/${encodeURIComponent(name)}`;
}

function parseModelInfo(answer: string, repository: string, page: string): ModelInfo {
  const raw = object(parsed(answer));
  const { sha, siblings } = raw ?? {};
  if (raw === undefined || typeof sha !== 'string' || !Array.isArray(siblings)) {
    const what = /^\s*</.test(answer) ? 'a web page' : 'something';
    throw new SlipstreamError(
      'hub-answer',
      `Cannot download ${repository} because ${new URL(page).host} answers with ${what} that is not a model hub's description of a model; check the endpoint and the proxy of slipstream.hub (a network that wants a login shows such a page, too).`,
    );
  }
  const card = object(raw.cardData);
  return {
    repository,
    commit: checkRevision(sha),
    licence: licenceOf(card, raw.tags),
    licenceLink: string(card?.license_link),
    isGated: raw.gated !== undefined && raw.gated !== false,
    page,
    files: siblings.flatMap((entry) => remoteFile(entry) ?? []),
  };
}

/** Authors of a licence of their own call it "other" and give its name beside. */
function licenceOf(card: Record<string, unknown> | undefined, tags: unknown): string | undefined {
  const tag = Array.isArray(tags)
    ? tags.find((entry): entry is string => typeof entry === 'string' && entry.startsWith('license:'))
    : undefined;
  const licence = string(card?.license) ?? tag?.slice('license:'.length);
  return licence === 'other' ? (string(card?.license_name) ?? licence) : licence;
}

function remoteFile(entry: unknown): RemoteFile | undefined {
  const file = object(entry);
  const name = string(file?.rfilename);
  if (file === undefined || name === undefined) return undefined;
  const lfs = object(file.lfs);
  return {
    name,
    size: size(lfs?.size) ?? size(file.size),
    sha256: hash(lfs?.sha256, 64) ?? hash(lfs?.oid, 64),
    // In Git LFS, the blob is only the pointer to the file.
    blobSha1: lfs === undefined ? hash(file.blobId, 40) : undefined,
  };
}

function parsed(answer: string): unknown {
  try {
    return JSON.parse(answer);
  } catch {
    return undefined;
  }
}

const object = (value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
const string = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
const size = (value: unknown) =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined;
const hash = (value: unknown, length: number) =>
  typeof value === 'string' && value.length === length && /^[0-9a-f]+$/.test(value) ? value : undefined;

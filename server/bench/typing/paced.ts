import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CompletionOutcome, CompletionSource, EmptyReason } from '../../protocol';
import { cpuSeconds } from '../cpuTime';
import { type LspClient, type ServerOptions, startLspClient } from '../lspClient';
import { sleep } from '../measure';
import { languageOf } from '../traces/sources';
import { gapsAt, type Passage, positionBehind } from './keys';

/** What a key came to. */
export interface Key {
  /** What was shown before the next key, and since when. */
  readonly shown?: { readonly text: string; readonly ms: number; readonly source: CompletionSource };
  /** Why nothing was. */
  readonly empty?: EmptyReason | 'no answer before the next key';
  /** What follows in the file, to compare: what was typed from here on, and what stands behind that. */
  readonly ahead: string;
  readonly wrote: string;
}

export interface Typed {
  readonly keys: readonly Key[];
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** How much of what follows is kept to compare with what is shown. */
const farthest = 400;
/** A person looks at a file before typing. */
const settleMs = 2000;

/**
 * Types passages in a server of its own, and asks after each key as an editor does.
 * @param wordsPerMinute where left out, each key waits for the answer to the one before
 */
export async function typePassages(
  options: ServerOptions,
  passages: readonly Passage[],
  wordsPerMinute?: number,
): Promise<Typed> {
  const outcomes: CompletionOutcome[] = [];
  let tellReady = () => {};
  const ready = new Promise<void>((resolve) => {
    tellReady = resolve;
  });
  const client = await startLspClient({
    ...options,
    onOutcome: (outcome) => outcomes.push(outcome),
    onStatus: ({ state }) => {
      if (state === 'ready' || state === 'failed') tellReady();
    },
  });
  try {
    await Promise.race([ready, client.lost]);
    const keys: Key[] = [];
    let seconds = 0;
    let cpu = 0;
    for (const [i, passage] of passages.entries()) {
      const uri = `${pathToFileURL(passage.path).href}-${i}${extname(passage.path)}`;
      await client.open(uri, languageOf(passage.path), passage.before + passage.after);
      await client.ask(uri, positionBehind(passage.before)).items;
      if (wordsPerMinute !== undefined) await sleep(settleMs);
      const cpuBefore = cpuSeconds(client.pid);
      const started = performance.now();
      keys.push(...(await typeOne(client, uri, passage, wordsPerMinute, outcomes, i)));
      seconds += (performance.now() - started) / 1000;
      cpu += cpuSeconds(client.pid) - cpuBefore;
      await client.close(uri);
    }
    return { keys, seconds, cpuSeconds: cpu };
  } finally {
    await client.stop();
  }
}

async function typeOne(
  client: LspClient,
  uri: string,
  { before, keys, after }: Passage,
  wordsPerMinute: number | undefined,
  outcomes: CompletionOutcome[],
  seed: number,
): Promise<Key[]> {
  const typed: Key[] = [];
  const gaps = wordsPerMinute === undefined ? [] : gapsAt(wordsPerMinute, keys.length, seed + 1);
  let text = before;
  let due = performance.now();
  for (const [i, wrote] of keys.entries()) {
    outcomes.length = 0;
    const started = performance.now();
    await client.insert(uri, i + 2, positionBehind(text), wrote);
    text += wrote;
    const request = client.ask(uri, positionBehind(text));
    let answer: { readonly items: readonly string[]; readonly ms: number } | undefined;
    const answering = request.items.then((items) => {
      answer = { items, ms: performance.now() - started };
    });
    const gap = gaps[i];
    if (gap === undefined) await answering;
    due += gap ?? 0;
    await sleep(Math.max(0, due - performance.now()));
    request.cancel();
    const ahead = (keys.slice(i + 1).join('') + after).slice(0, farthest);
    typed.push({ ...read(answer, outcomes), ahead, wrote });
  }
  return typed;
}

function read(
  answer: { readonly items: readonly string[]; readonly ms: number } | undefined,
  outcomes: readonly CompletionOutcome[],
): Pick<Key, 'shown' | 'empty'> {
  if (answer === undefined) return { empty: 'no answer before the next key' };
  // Those of the key before that were told late were superseded.
  const [text] = answer.items;
  const source = outcomes.findLast(({ kind }) => kind === 'shown')?.source;
  if (text !== undefined && source !== undefined) return { shown: { text, ms: answer.ms, source } };
  return { empty: outcomes.findLast(({ kind }) => kind === 'empty')?.emptyReason ?? 'nothing-generated' };
}

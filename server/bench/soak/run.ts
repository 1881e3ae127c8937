import { randomIntegers } from '../../cli/eval/random';
import type { LspClient, Position } from '../lspClient';
import { residentMemory } from '../memory';
import type { SampleDocument } from '../traces/sources';
import { type RandomEditor, randomEditor } from './editor';

export interface SoakPlan {
  readonly edits: number;
  /** Points at which the answer is compared with that of a fresh server. */
  readonly samples: number;
  /** How often the memory is read. */
  readonly readings: number;
  /** Longest document, in characters: one that does not fit the prompt has a window, which depends on what was before. */
  readonly longest: number;
  readonly seed: number;
}

export interface Sample {
  readonly languageId: string;
  readonly text: string;
  readonly caret: Position;
  readonly answer: readonly string[];
}

export interface SoakResult {
  readonly samples: readonly Sample[];
  /** Resident memory of the server, in MiB. */
  readonly memory: readonly number[];
  readonly requests: number;
}

interface OpenDocument {
  readonly source: SampleDocument;
  readonly editor: RandomEditor;
  version: number;
}

/** Edits documents of one server at random, with a request after each edit; some requests are not waited for. */
export async function soak(
  client: LspClient,
  sources: readonly SampleDocument[],
  plan: SoakPlan,
  progress: (edit: number) => void,
): Promise<SoakResult> {
  const random = randomIntegers(plan.seed);
  const open: OpenDocument[] = [];
  for (const source of sources) {
    await client.open(source.uri, source.languageId, source.text);
    const editor = randomEditor(source.text, source.donor, plan.longest, random);
    open.push({ source, editor, version: 1 });
  }
  const samples: Sample[] = [];
  const memory: number[] = [];
  let overtaken: Promise<unknown>[] = [];
  for (let edit = 1; edit <= plan.edits; edit++) {
    const document = open[random(open.length)] as OpenDocument;
    const { uri, languageId } = document.source;
    const { changes, caret } = document.editor.next();
    await client.change(uri, ++document.version, changes);
    const request = client.complete(uri, caret, 'invoked');
    if (random(10) === 0) overtaken.push(request);
    else await request;
    if (edit % Math.floor(plan.edits / plan.samples) === 0) {
      await client.refresh(uri);
      const answer = await client.complete(uri, caret, 'invoked');
      samples.push({ languageId, text: document.editor.text, caret, answer });
    }
    if (edit % Math.floor(plan.edits / plan.readings) === 0) {
      await Promise.all(overtaken);
      overtaken = [];
      memory.push(residentMemory(client.pid).nowMiB);
      progress(edit);
    }
    if (random(200) === 0) {
      await client.close(uri);
      document.version = 1;
      await client.open(uri, languageId, document.editor.text);
    }
  }
  await Promise.all(overtaken);
  return { samples, memory, requests: plan.edits + samples.length };
}

/** How many of the samples a server answers otherwise that sees each text for the first time. */
export async function differing(client: LspClient, samples: readonly Sample[]): Promise<number> {
  let different = 0;
  for (const [i, { languageId, text, caret, answer }] of samples.entries()) {
    const uri = `file:///slipstream-bench/fresh-${i}`;
    await client.open(uri, languageId, text);
    const fresh = await client.complete(uri, caret, 'invoked');
    await client.close(uri);
    if (JSON.stringify(fresh) !== JSON.stringify(answer)) different++;
  }
  return different;
}

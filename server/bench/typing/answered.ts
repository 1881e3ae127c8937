import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readConfig } from '../../../engine/model/config';
import { loadTokenizer } from '../../../engine/model/tokenizer';
import { type LspClient, startLspClient } from '../lspClient';
import { quantile, sleep, timed } from '../measure';
import { type BenchRow, row } from '../report';
import type { BenchOptions } from '../suite';
import { languageOf, traceSources } from '../traces/sources';
import { widened } from '../wide';
import { positionBehind } from './keys';

const contextTokens = 1000;
const widerPositions = 2048;
const keystrokes = 100;
/** A fast typist's; the answer to the previous key has arrived before the next in any case. */
const pauseMs = 60;

/**
 * Key to answer where each answer is computed: what the engine contributes, whatever was known before. With the model as it is,
 * and, where its own context is shorter, once more with `contextTokens` really in the prompt.
 */
export async function answeredRows(options: BenchOptions): Promise<{ rows: BenchRow[]; notes: string[] }> {
  const own = options.modelDirectory ?? join(options.root, 'models', 'default');
  const { maxPositions } = await readConfig(own);
  const sample = await sampleText(options, own);
  if (sample === undefined) {
    const why = `No file has ${contextTokens} tokens and ${keystrokes} characters more, so "each computed" was not measured.`;
    return { rows: [], notes: [why] };
  }
  const rows = await measure(options, own, '', sample);
  const notes = [
    `"Each computed": ${keystrokes} characters of source appended one by one to a document of ${contextTokens} tokens, a request after each, ${pauseMs} ms between an answer and the next key, type-through off.`,
  ];
  if (maxPositions < widerPositions) {
    const wide = await widened(own, widerPositions, options.cacheDirectory);
    rows.push(...(await measure(options, wide, ', wide', sample)));
    notes.push(
      `The model's own context is ${maxPositions} tokens, completion included. "wide": the same weights with a context of ${widerPositions}, which they were not trained for, by scaling RoPE.`,
    );
  }
  return { rows, notes };
}

async function measure(
  options: BenchOptions,
  model: string,
  label: string,
  { before, typed, path }: Sample,
): Promise<BenchRow[]> {
  const { root, cacheDirectory } = options;
  const settings = { without: ['type-through'] };
  const client = await startLspClient({ root, cacheDirectory, model, settings });
  try {
    const uri = pathToFileURL(path).href;
    await client.open(uri, languageOf(path), before);
    options.progress('first request');
    const { ms: firstMs } = await timed(() => client.complete(uri, positionBehind(before)));
    options.progress(`${keystrokes} keystrokes`);
    const { latencies, answered } = await type(client, uri, before, typed);
    return [
      row(`key to answer, each computed, p50${label}`, quantile(latencies, 0.5), 'ms', { goal: 100 }),
      row(`key to answer, each computed, p95${label}`, quantile(latencies, 0.95), 'ms', { goal: 200 }),
      row(`keys answered with a completion, each computed${label}`, answered, `of ${typed.length}`),
      row(`first request, from the start of the engine${label}`, firstMs, 'ms'),
    ];
  } finally {
    await client.stop();
  }
}

/** What is in the document, and what is typed at its end. */
interface Sample {
  readonly before: string;
  readonly typed: string;
  readonly path: string;
}

/** Of the first file that is long enough. */
async function sampleText({ root, sources }: BenchOptions, model: string): Promise<Sample | undefined> {
  const tokenizer = await loadTokenizer(model);
  for (const { path, text } of traceSources(root, sources)) {
    const ids = tokenizer.encode(text);
    const before = tokenizer.decode(ids.slice(0, contextTokens));
    const typed = text.slice(before.length, before.length + keystrokes);
    if (text.startsWith(before) && typed.length === keystrokes) return { before, typed, path };
  }
  return undefined;
}

async function type(client: LspClient, uri: string, before: string, typed: string) {
  const latencies: number[] = [];
  let answered = 0;
  let text = before;
  for (const [i, character] of [...typed].entries()) {
    await sleep(pauseMs);
    const position = positionBehind(text);
    text += character;
    const { ms, result } = await timed(async () => {
      await client.insert(uri, i + 2, position, character);
      return client.complete(uri, positionBehind(text));
    });
    latencies.push(ms);
    if (result.length > 0) answered++;
  }
  return { latencies, answered };
}

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readConfig } from '../../engine/model/config';
import { loadTokenizer } from '../../engine/model/tokenizer';
import { heldOutSource } from './heldOut';
import { type LspClient, type Position, startLspClient } from './lspClient';
import { quantile, sleep, timed } from './measure';
import { type BenchRow, machine, row } from './report';
import type { BenchOptions, Suite } from './suite';
import { widened } from './wide';

const contextTokens = 1000;
const widerPositions = 2048;
const keystrokes = 100;
/** A fast typist's; the answer to the previous key has arrived before the next in any case. */
const pauseMs = 60;

/**
 * Keystroke to answer while text is appended, through the real server: with the model as it is, and, where its own
 * context is shorter, once more with `contextTokens` really in the prompt.
 */
export const typingSuite: Suite = async (options) => {
  const own = options.modelDirectory ?? join(options.root, 'models', 'default');
  const { maxPositions } = await readConfig(own);
  const rows = await measure(options, own, '');
  const notes = [
    `${keystrokes} characters of held-out source appended one by one to a document of ${contextTokens} tokens, a request after each, ${pauseMs} ms between an answer and the next key.`,
  ];
  if (maxPositions < widerPositions) {
    rows.push(
      ...(await measure(options, await widened(own, widerPositions, options.cacheDirectory), ', wide')),
    );
    notes.push(
      `The model's own context is ${maxPositions} tokens, completion included. "wide": the same weights with a context of ${widerPositions}, which they were not trained for, by scaling RoPE.`,
    );
  }
  return { suite: 'typing', machine: machine(), rows, notes };
};

async function measure(options: BenchOptions, model: string, label: string): Promise<BenchRow[]> {
  const { before, typed, path } = await sampleText(options);
  const { root, cacheDirectory } = options;
  const client = await startLspClient({ root, cacheDirectory, model });
  try {
    const uri = pathToFileURL(path).href;
    await client.open(uri, 'typescript', before);
    options.progress('first request');
    const { ms: firstMs } = await timed(() => client.complete(uri, endOf(before)));
    options.progress(`${keystrokes} keystrokes`);
    const { latencies, answered } = await type(client, uri, before, typed);
    return [
      row(`keystroke to answer, p50${label}`, quantile(latencies, 0.5), 'ms', { goal: 100 }),
      row(`keystroke to answer, p95${label}`, quantile(latencies, 0.95), 'ms', { goal: 200 }),
      row(`keystrokes answered with a completion${label}`, answered, `of ${typed.length}`),
      row(`first request, from the start of the engine${label}`, firstMs, 'ms'),
    ];
  } finally {
    await client.stop();
  }
}

/** Held-out text: what is in the document, and what is typed at its end. */
async function sampleText({ root, modelDirectory }: BenchOptions) {
  const tokenizer = await loadTokenizer(modelDirectory ?? join(root, 'models', 'default'));
  const candidates = heldOutSource(root).flat();
  for (const { path, text } of candidates) {
    const ids = tokenizer.encode(text);
    const before = tokenizer.decode(ids.slice(0, contextTokens));
    const typed = text.slice(before.length, before.length + keystrokes);
    if (text.startsWith(before) && typed.length === keystrokes) return { before, typed, path };
  }
  throw new Error(`No held-out file has ${contextTokens} tokens and ${keystrokes} characters more.`);
}

async function type(client: LspClient, uri: string, before: string, typed: string) {
  const latencies: number[] = [];
  let answered = 0;
  let text = before;
  for (const [i, character] of [...typed].entries()) {
    await sleep(pauseMs);
    const position = endOf(text);
    text += character;
    const { ms, result } = await timed(async () => {
      await client.insert(uri, i + 2, position, character);
      return client.complete(uri, endOf(text));
    });
    latencies.push(ms);
    if (result.length > 0) answered++;
  }
  return { latencies, answered };
}

function endOf(text: string): Position {
  const lines = text.split('\n');
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}

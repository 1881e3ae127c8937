import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Engine } from '../../engine/index';
import type { CompletionDependencies } from '../completion/complete';
import { completeOpen } from '../completion/completeOpen';
import { type CompletionResult, toJson } from '../completion/result';
import { createDocumentHistory } from '../documents/history';
import { isSecret } from '../documents/secrets';
import { budgetsOf } from '../retrieval/budgets';
import { createRetrieval } from '../retrieval/index';
import { deadlineMs, withEngine } from './engine';
import { CliFailure } from './failure';
import { type EngineFlags, settingsOf } from './options';
import { whyUnreadable } from './source';
import { parseTraceLine, type TraceEvent } from './trace';

/**
 * Plays a recorded editing session: documents change as in the server, and each `complete` prints one
 * JSON result on one line. The model is loaded when the first event is there.
 * @throws CliFailure if the trace cannot be read or the engine fails, after the results until then
 */
export async function replay(file: string, flags: EngineFlags, signal: AbortSignal): Promise<void> {
  const events = readTrace(file);
  try {
    let next = await events.next();
    if (next.done) return;
    await withEngine(settingsOf(flags), signal, async (dependencies, engine) => {
      const player = createPlayer(dependencies, engine, signal);
      for (; !next.done && !signal.aborted; next = await events.next()) {
        const result = await player(next.value.event, next.value.where);
        if (result === undefined) continue;
        process.stdout.write(`${JSON.stringify(toJson(result))}\n`);
        // The JSON has no place for the message, and what follows would fail in the same way.
        if (result.kind === 'empty' && result.reason === 'engine-failed')
          throw new CliFailure(result.message);
      }
    });
  } finally {
    await events.return(undefined);
  }
}

/** Applies one event after another to its own set of documents; `complete` gives a result. */
export function createPlayer(dependencies: CompletionDependencies, engine: Engine, signal: AbortSignal) {
  const documents = new Map<string, TextDocument>();
  const retrieval = createRetrieval((uri) => !isSecret(uri, dependencies.settings.secretFiles));
  const history = createDocumentHistory(
    (message) => process.stderr.write(`${message}\n`),
    (uri, replacement) => {
      const document = documents.get(uri);
      if (document !== undefined) retrieval.edited(document, replacement);
    },
  );

  return async (event: TraceEvent, where: string): Promise<CompletionResult | undefined> => {
    if ('open' in event) {
      const { uri, languageId, text } = event.open;
      documents.set(uri, history.create(uri, languageId, 1, text));
    } else if ('change' in event) {
      const document = documents.get(event.change.uri);
      if (document === undefined) throw new CliFailure(`${where} changes a document that is not open.`);
      history.update(document, event.change.changes, document.version + 1);
    } else if ('close' in event) {
      documents.delete(event.close.uri);
      history.close(event.close.uri);
      retrieval.forget(event.close.uri);
      engine.forget(event.close.uri);
    } else if ('viewed' in event) {
      const { uri, first, last } = event.viewed;
      const document = documents.get(uri);
      if (document === undefined) throw new CliFailure(`${where} views a document that is not open.`);
      retrieval.viewed(document, Math.floor((first + last) / 2));
    } else {
      const document = documents.get(event.complete.uri);
      if (document === undefined) throw new CliFailure(`${where} completes in a document that is not open.`);
      const { position } = event.complete;
      await dependencies.syntax?.load(document.languageId);
      const budgets = budgetsOf(dependencies.settings, engine.info.contextTokens);
      const context = retrieval.offer(document, position, history.recent(), budgets);
      return completeOpen(dependencies, history, document, position, { deadlineMs, context }, signal);
    }
    return undefined;
  };
}

async function* readTrace(file: string): AsyncGenerator<{ event: TraceEvent; where: string }> {
  const input = createReadStream(file, 'utf8');
  // A stream reports a missing file only later; an error here must not end the process.
  const failed = new Promise<never>((_, reject) => input.once('error', reject));
  failed.catch(() => {});
  try {
    let number = 0;
    const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
    const iterator = lines[Symbol.asyncIterator]();
    for (;;) {
      const next = await Promise.race([iterator.next(), failed]);
      if (next.done) return;
      const where = `${file} line ${++number}`;
      if (next.value.trim() !== '') yield { event: parseTraceLine(next.value, where), where };
    }
  } catch (error) {
    if (error instanceof CliFailure) throw error;
    throw new CliFailure(`${file} cannot be read: ${whyUnreadable(error)}; check the path.`, {
      cause: error,
    });
  } finally {
    input.destroy();
  }
}

import type { InlineCompletionParams } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import {
  type CompleteOptions,
  emptyResult,
  generateAt,
  outdated,
  type Place,
  placeOf,
} from '../completion/complete';
import { completeOpen, copySourcesOf, refuseOpen } from '../completion/completeOpen';
import type { Position } from '../completion/guards';
import type { CompletionResult } from '../completion/result';
import { type Ahead, createAnswers, type Generate } from '../completion/typed/answers';
import { createConduct } from '../completion/typed/conduct';
import { withoutUndone } from '../completion/undone';
import type { ServerContext } from '../context';
import { isAutomatic, selectedOf } from '../requests';

/**
 * Who will not ask again may wait: a client that does not hear when the engine is ready, and somebody who asked, since VS Code
 * takes an empty answer for the last word until the text or the caret changes.
 */
const patienceMs = 20_000;

/** Somebody who types does not wait for a whole block: from here on it ends with its next line. */
const lineDeadlineMs = 150;

const isLate = (result: CompletionResult): result is CompletionResult & { kind: 'empty' } =>
  result.kind === 'empty' && result.reason === 'deadline';

/** Completes in open documents: while somebody types from what is known already, and by hand always anew. */
export interface Completing {
  complete(
    document: TextDocument,
    params: InlineCompletionParams,
    signal: AbortSignal,
  ): Promise<CompletionResult>;
  changed(document: TextDocument): void;
  close(uri: string): void;
}

export function createCompleting(context: ServerContext): Completing {
  const { history, engine, analyst, syntax, client, manners, surroundings, log } = context;
  const answers = createAnswers();
  const conduct = createConduct();
  const open = new Set<string>();
  const typesThrough = () => !context.settings.without.includes('type-through');
  context.onSettings.push(answers.clear);

  /** What the engine is told besides the place, as far as it is known by now. */
  function optionsOf(
    document: TextDocument,
    position: Position,
    contextTokens: number,
  ): Pick<CompleteOptions, 'context' | 'above' | 'copySources'> {
    const copySources = copySourcesOf(history, context.settings, document.uri);
    return { ...surroundings.gather(document, position, contextTokens), copySources };
  }

  /** Looks up what the next request may be told. */
  function look(document: TextDocument, position: Position): void {
    const access = engine.access();
    const contextTokens = access.state === 'ready' ? access.engine.info.contextTokens : 0;
    surroundings.look(document, position, contextTokens);
  }

  const generator =
    (
      document: TextDocument,
      position: Position,
      place: Place,
      options: Pick<CompleteOptions, 'selected' | 'lineDeadlineMs'>,
      waits: boolean,
    ): Generate =>
    async (deadlineMs, signal, written) => {
      const { version } = document;
      const text = document.getText();
      const asked = performance.now();
      const access = await engine.settled(waits ? patienceMs : deadlineMs, signal);
      // The document may have changed while the engine started.
      const source =
        document.version === version
          ? document
          : TextDocument.create(document.uri, document.languageId, version, text);
      const left = waits ? client.deadlineMs : Math.max(0, deadlineMs - (performance.now() - asked));
      const contextTokens = access.state === 'ready' ? access.engine.info.contextTokens : 0;
      const all = { ...options, ...optionsOf(source, position, contextTokens), deadlineMs: left };
      const dependencies = { engine: access, settings: context.settings, analyst, syntax };
      return generateAt(dependencies, source, position, place, all, signal, written);
    };

  /** The place behind a text that goes in between two others. */
  function aheadOf(document: TextDocument, before: string, text: string, after: string): Ahead | undefined {
    const { uri, languageId, version } = document;
    const accepted = TextDocument.create(uri, languageId, version, before + text + after);
    const position = accepted.positionAt(before.length + text.length);
    const place = placeOf(accepted, position, context.settings, {}, syntax);
    if ('reason' in place) return undefined;
    const around = { before: before + text, after, there: before.length };
    return { place, surroundings: around, generate: generator(accepted, position, place, {}, false) };
  }

  async function whileTyping(
    document: TextDocument,
    params: InlineCompletionParams,
    place: Place,
    signal: AbortSignal,
  ): Promise<CompletionResult> {
    const { uri } = document;
    const { position } = params;
    const paused = conduct.pausedMs(uri, position.line, performance.now());
    if (paused > 0) return emptyResult({ reason: 'quiet', message: keptQuiet(paused) });
    const selected = selectedOf(params);
    const text = document.getText();
    const start = document.offsetAt(selected?.range.start ?? position);
    const after = text.slice(document.offsetAt(selected?.range.end ?? position));
    const before = text.slice(0, start) + (selected?.text ?? '');
    // An editor that is told when the engine is ready has one time for all.
    const waits = !client.notifications;
    const request = {
      uri,
      place,
      surroundings: { before, after, there: start },
      deadlineMs: client.deadlineMs + (waits ? patienceMs : 0),
      waitMs: context.settings.debounce ?? undefined,
      generate: generator(document, position, place, { lineDeadlineMs, selected }, waits),
      behind: (shown: string) => aheadOf(document, before, shown, after),
    };
    return answers.answer(request, signal);
  }

  async function byHand(
    document: TextDocument,
    params: InlineCompletionParams,
    place: Place,
    signal: AbortSignal,
  ): Promise<CompletionResult> {
    const { uri } = document;
    answers.stop(uri);
    const asked = performance.now();
    const waitedMs = () => performance.now() - asked;
    const isTyped = isAutomatic(params);
    const waits = !isTyped || !client.notifications;
    const access = await engine.settled(waits ? patienceMs : client.deadlineMs, signal);
    const contextTokens = access.state === 'ready' ? access.engine.info.contextTokens : 0;
    const options = {
      // Who may wait for the engine to start waits for the answer as well; an editor has one time for both.
      deadlineMs: waits ? client.deadlineMs : Math.max(0, client.deadlineMs - waitedMs()),
      ...(isTyped ? { lineDeadlineMs } : { isExplicit: true }),
      selected: selectedOf(params),
      ...optionsOf(document, params.position, contextTokens),
    };
    const dependencies = { engine: access, settings: context.settings, analyst, syntax };
    const ask = () => completeOpen(dependencies, history, document, params.position, options, signal);
    let result = await ask();
    // Each goes on where the deadline has stopped the one before.
    while (!isTyped && isLate(result) && waitedMs() < patienceMs) result = await ask();
    if (isLate(result))
      result = { ...result, message: `Nothing was ready within ${Math.round(waitedMs())} ms.` };
    return typesThrough() ? answers.learn(uri, place, result) : result;
  }

  function offer(document: TextDocument, params: InlineCompletionParams, result: CompletionResult): void {
    if (result.kind === 'empty') return;
    const { position } = params;
    const selected = selectedOf(params);
    const given = selected?.text ?? '';
    const text = document.getText();
    conduct.shown(document.uri, {
      before: text.slice(0, document.offsetAt(selected?.range.start ?? position)),
      after: text.slice(document.offsetAt(selected?.range.end ?? position)),
      texts: [result.text, ...result.alternatives].map((shown) => given + shown),
      given: given.length,
      line: position.line,
      at: performance.now(),
    });
  }

  return {
    async complete(document, params, signal) {
      const { uri, version } = document;
      const { position } = params;
      const isTyped = isAutomatic(params);
      // What is off costs nothing, and needs no model.
      const refusal = manners.refuse(document, position, isTyped) ?? refuseOpen(history, uri);
      if (refusal !== undefined) return emptyResult(refusal);
      // Who asks gets the same answer whether or not the language was completed before.
      if (!isTyped) await syntax.load(document.languageId);
      const selected = selectedOf(params);
      const place = placeOf(document, position, context.settings, { selected }, syntax);
      if ('reason' in place) return emptyResult(place);
      engine.wake();
      const found = await (isTyped && typesThrough() ? whileTyping : byHand)(document, params, place, signal);
      if (document.version !== version) return outdated(found);
      const removed = isTyped ? history.removedAt(uri, document.offsetAt(position)) : undefined;
      const result = withoutUndone(found, removed);
      offer(document, params, result);
      if (!signal.aborted) look(document, position);
      return result;
    },

    changed(document) {
      const { uri } = document;
      // The first one tells that it was opened: nobody has typed.
      if (!open.has(uri)) return void open.add(uri);
      const now = performance.now();
      const verdict = conduct.changed(uri, document.getText(), now);
      if (verdict !== undefined) log.debug(`${uri}: what was shown was ${verdict}.`);
      answers.changed(uri, document.getText(), now);
    },

    close(uri) {
      open.delete(uri);
      answers.close(uri);
      syntax.forget(uri);
      conduct.close(uri);
    },
  };
}

function keptQuiet(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return `Quiet on this line for ${seconds} s more, because the last completions were typed over; Trigger Completion asks all the same.`;
}

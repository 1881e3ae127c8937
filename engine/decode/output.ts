import type { CompletionRequest, StopReason, TokenTrace } from '../completion';
import { createStreamDecoder } from '../model/tokenizer';
import type { LoadedModel } from '../runtime/load';
import type { Clock } from './clock';
import { loopPeriod, wayOut } from './repetition';
import type { CommittedToken, Sequence } from './step';
import { type Stop, stopRules } from './stop';
import { confidentPart } from './uncertainty/confidence';

/**
 * The tokens of one completion as they are committed, and the stop that ends it. Texts are those behind the caret: what was typed
 * already and is written again is not part of them.
 */
export interface Output {
  readonly tokens: readonly TokenTrace[];
  /** How many of them reach behind what was typed: what counts against the most tokens of a request. */
  readonly newTokens: number;
  readonly text: string;
  readonly stop: Stop | undefined;
  /** Share of the probability that monitors have left. */
  readonly kept: number;
  /** Takes a token; extends the sequence's text. @returns whether decoding goes on */
  commit(token: CommittedToken): boolean;
  /** Keeps only the first tokens, none of which has ended the completion. */
  truncate(count: number): void;
  /** Where the loop that has ended the completion can be left: an index into `tokens`. */
  wayOut(): number | undefined;
  /** Whether the completion would still be sure enough with a token of this log-probability. */
  goesOnAfter(logprob: number): boolean;
  /** The text with these tokens behind it, and where a stop rule would end it. */
  preview(tokens: readonly number[]): { readonly text: string; readonly stop: Stop | undefined };
}

/** What a decoder writes for bytes that are none of a character. */
const replacement = '\uFFFD';

/**
 * Collects committed tokens and decides when the completion is whole.
 * @param typed what stands before the caret and is written again
 */
export function createOutput(
  model: LoadedModel,
  sequence: Sequence,
  request: CompletionRequest,
  typed: string,
  clock: Clock,
): Output {
  const rule = stopRules(request.mode, request.prefix, request.suffix);
  const committed: CommittedToken[] = [];
  const tokens: TokenTrace[] = [];
  const { start } = sequence;
  const least = Math.log(request.leastConfidence ?? 0);
  const leastKept = Math.log(request.monitors?.leastKept ?? 0);
  let stream = createStreamDecoder(model.tokenizer);
  let stop: Stop | undefined;
  let logConfidence = 0;
  let logKept = 0;
  let newTokens = 0;
  const visible = (text: string) => text.slice(typed.length);
  const stopAt = (reason: StopReason): Stop => ({ reason, text: visible(sequence.text) });
  /** The rules see nothing before all of what was typed is there again. */
  const ruled = (text: string) => (text.length <= typed.length ? undefined : rule(visible(text)));
  const isEnd = (token: number) => model.endTokens.has(token);
  /** Whether a token has written bytes that are no UTF-8: it shows as a character that nobody meant. */
  const isBroken = (token: number, text: string) =>
    text.includes(replacement) && !Buffer.from(model.tokenizer.tokenBytes(token)).includes(replacement);

  /** @returns its text */
  const take = (one: CommittedToken): string => {
    const { token, logprob, entropy, source, constrained, monitored } = one;
    const text = isEnd(token) ? '' : stream.push(token);
    const instead = monitored?.instead;
    tokens.push({
      text,
      logprob,
      entropy,
      source,
      constrained,
      ...(instead !== undefined && { instead: isEnd(instead) ? '' : model.tokenizer.decode([instead]) }),
    });
    committed.push(one);
    logConfidence += logprob;
    logKept += monitored?.logKept ?? 0;
    return text;
  };
  const write = (text: string): void => {
    sequence.text += text;
    if (sequence.text.length > typed.length) newTokens++;
  };

  return {
    tokens,
    get newTokens() {
      return newTokens;
    },
    get text() {
      return stop?.text ?? visible(sequence.text);
    },
    get kept() {
      return Math.exp(logKept);
    },
    get stop() {
      return stop;
    },
    commit(one) {
      const { token } = one;
      const text = take(one);
      if (logKept < leastKept) {
        stop = { reason: 'forced-off', text: '' };
        return false;
      }
      if (logConfidence < least) {
        stop = { reason: 'low-confidence', text: visible(confidentPart(sequence.text, text)) };
        return false;
      }
      if (isBroken(token, text)) {
        stop = stopAt('broken-character');
        return false;
      }
      write(text);
      stop = isEnd(token) ? stopAt('end-token') : ruled(sequence.text);
      if (!stop && loopPeriod(sequence.tokens.slice(start)) !== undefined) stop = stopAt('repetition');
      if (!stop && clock.elapsed() >= request.lineDeadlineMs) stop = finishedLines(visible(sequence.text));
      if (!stop && newTokens >= request.maxTokens) stop = stopAt('max-tokens');
      if (!stop && sequence.tokens.length >= model.decoder.maxPositions) stop = stopAt('context-full');
      return stop === undefined;
    },
    truncate(count) {
      const kept = committed.slice(0, count);
      committed.length = tokens.length = 0;
      stream = createStreamDecoder(model.tokenizer);
      stop = undefined;
      logConfidence = logKept = newTokens = 0;
      sequence.text = '';
      for (const one of kept) write(take(one));
    },
    wayOut() {
      if (stop?.reason !== 'repetition') return undefined;
      const logprobs = tokens.map(({ logprob }) => logprob);
      // The first new token may begin with what was typed.
      return wayOut(sequence.tokens.slice(start), logprobs, tokens.length - newTokens + 1);
    },
    goesOnAfter: (logprob) => logConfidence + logprob >= least,
    preview(behind) {
      const fork = createStreamDecoder(model.tokenizer);
      let text = '';
      for (const token of [...sequence.tokens.slice(start), ...behind]) {
        if (isEnd(token)) continue;
        const more = fork.push(token);
        if (isBroken(token, more)) return { text, stop: { reason: 'broken-character', text: visible(text) } };
        text += more;
      }
      const last = behind.at(-1);
      const ended = last !== undefined && isEnd(last);
      return { text, stop: ended ? { reason: 'end-token', text: visible(text) } : ruled(text) };
    },
  };
}

/** The text up to its last line break, where something stands before that. */
function finishedLines(text: string): Stop | undefined {
  const lines = text.slice(0, Math.max(0, text.lastIndexOf('\n')));
  return lines.trim() === '' ? undefined : { reason: 'deadline', text: lines };
}

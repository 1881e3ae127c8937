import type { Completion, MonitoredPlace, PromptSegment, TokenTrace } from '../../engine/index';
import { newTokens } from '../completion/newTokens';
import type { ContextUse, ServedCompletion } from '../retrieval/use';
import { classOf } from './tokenClass';
import { field, grouped, line, milliseconds, quoted, unbroken } from './words';

/** What the engine did for a request. */
export function engineLines(completion: ServedCompletion, threshold: number | undefined): string[] {
  const { cache, forwards, drafted, accepted, rollbacks, loopsLeft } = completion;
  const { lookahead, stopReason, typed } = completion;
  const tokens = newTokens({ typed, tokens: withOthers(completion) });
  const prompt = cache.kept + cache.shifted + cache.encoded;
  return [
    line(`prompt ${grouped(prompt)} tokens`, `model ${completion.model}`, `device ${completion.device}`),
    ...(completion.segments ?? []).map((segment) => `  ${segmentLine(segment)}`),
    ...(completion.context ?? []).map((use) => `  ${snippetLine(use)}`),
    line(
      'cache',
      `kept ${cache.kept}`,
      `shifted ${cache.shifted}`,
      `encoded ${cache.encoded}`,
      field('missing', cache.missing, String),
      `stale ${cache.stale}`,
      field('because', cache.fallback, quoted),
    ),
    ...completion.monitored.map(monitorLine),
    ...(typed === '' ? [] : [`healed ${quoted(typed)}`]),
    line(
      `tokens ${tokens.length}`,
      `forwards ${forwards}`,
      `drafted ${drafted}`,
      `accepted ${accepted}`,
      `rollbacks ${rollbacks}`,
      loopsLeft > 0 ? `loops left ${loopsLeft}` : undefined,
      lookahead.pauses > 0 ? `lookahead ${lookahead.pauses} forwards ${lookahead.forwards}` : undefined,
      field('threshold', threshold, (nats) => `${nats.toFixed(2)}n`),
    ),
    ...tokens.map((token) => `  ${tokenLine(token, threshold)}`),
    `= ${stopReason}`,
  ];
}

function segmentLine({ kind, tokens, omitted }: PromptSegment): string {
  return line(
    `segment ${kind}`,
    `${grouped(tokens)} tokens`,
    omitted ? `omitted ${grouped(omitted)} characters` : undefined,
  );
}

/** What of other files the prompt showed, and why. */
function snippetLine({ uri, lines, source, tokens, why }: ContextUse): string {
  const range = lines === undefined ? '' : `#L${lines[0]}-${lines[1]}`;
  return line(
    `snippet ${unbroken(uri)}${range}`,
    source,
    `${grouped(tokens)} tokens`,
    field('because', why, quoted),
  );
}

function monitorLine({ kinds, at, legal, reason, ms }: MonitoredPlace): string {
  return line(
    `monitor ${kinds.join(',')}`,
    `at ${at}`,
    field('legal', legal),
    field('because', reason, quoted),
    milliseconds(ms),
  );
}

/** A token, and the text of the more likely one where looking ahead has found it the better. */
interface ChosenToken extends TokenTrace {
  readonly ratherThan?: string;
}

function withOthers({ tokens, lookahead }: Completion): ChosenToken[] {
  const others = new Map(lookahead.changes.map(({ at, instead }) => [at, instead]));
  return tokens.map((token, i) => {
    const ratherThan = others.get(i);
    return ratherThan === undefined ? token : { ...token, ratherThan };
  });
}

/** The columns of tokens stand below each other. */
function tokenLine(token: ChosenToken, threshold: number | undefined): string {
  const percent = `${(100 * Math.exp(token.logprob)).toFixed(1)}%`;
  return line(
    `+ ${classOf(token, threshold).padEnd(11)}`,
    token.source.padEnd(9),
    percent.padStart(6),
    `${token.entropy.toFixed(2)}n`,
    quoted(token.text),
    field('instead of', token.instead, quoted),
    field('rather than', token.ratherThan, quoted),
  );
}

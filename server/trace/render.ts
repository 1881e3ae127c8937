import type { Completion } from '../../engine/index';
import type { FinishedRequest } from '../completion/finished';
import type { Position } from '../completion/guards';
import type { CompletionResult } from '../completion/result';
import { localTime } from '../localTime';
import { engineLines } from './engineLines';
import { textLines } from './textLines';
import { field, line, milliseconds, quoted, unbroken } from './words';

const head = [
  '# Slipstream: the last completions, the newest first. Made on this machine, and kept in memory only.',
  '# fresh: written for this request. cache, in-flight: the rest of an earlier one, whose tokens these are.',
  '# + is a token: its class, who proposed it, its probability, the entropy of the choice in nats.',
  '# certain: 90 % or more. uncertain: the model was torn. copied: proposed from text that repeats.',
  '# constrained: tokens were ruled out, by static analysis ("instead of" names one), by a word begun before the caret, or as the way into a loop.',
];

/**
 * Requests as a `.slipstream-trace` document, whose grammar is in `syntaxes/`: one line per fact, with the details of
 * each request indented below its first line.
 * @param requests the oldest first
 */
export function renderTrace(requests: readonly FinishedRequest[]): string {
  if (requests.length === 0)
    return `${[...head, '', '# Nothing has been asked yet: type in a file.'].join('\n')}\n`;
  const blocks = [...requests].reverse().map((request) => renderRequest(request).join('\n'));
  return `${[head.join('\n'), ...blocks].join('\n\n')}\n`;
}

function renderRequest(request: FinishedRequest): string[] {
  const { number, at, uri, position, result, languageId, version, isAutomatic } = request;
  const { line: row, character } = position;
  const time = localTime(new Date(at));
  const [file = uri] = uri.slice(uri.lastIndexOf('/') + 1).split('#');
  const name = decode(file) || uri;
  const asked = isAutomatic ? 'asked by typing' : 'asked by the user';
  return [
    line(
      `request ${number}`,
      time,
      `${name.replaceAll(/\s+/g, ' ')}:${row + 1}:${character + 1}`,
      outcomeOf(result),
    ),
    `  ${line(`place ${placeOf(uri, position)}`, languageId, `version ${version}`, asked)}`,
    ...(request.selected === undefined ? [] : [`  selected ${quoted(request.selected.text)}`]),
    ...textLines(request).map((text) => `  ${text}`),
    ...(result.completion === undefined ? [] : engineLines(result.completion, request.threshold)).map(
      (text) => `  ${text}`,
    ),
    `  ${timesOf(result)}`,
  ];
}

/** An address that editors go to; one of a notebook's cell has a fragment already. */
function placeOf(uri: string, { line, character }: Position): string {
  return uri.includes('#') ? unbroken(uri) : `${unbroken(uri)}#L${line + 1},${character + 1}`;
}

function outcomeOf(result: CompletionResult): string {
  if (result.kind === 'empty') return `empty ${result.reason}`;
  return line(`shown in ${milliseconds(result.totalMs)}`, result.source);
}

function timesOf({ completion, totalMs }: CompletionResult): string {
  const { promptMs, prefillMs, decodeMs, monitorMs } = completion?.timings ?? ({} as Partial<Times>);
  return line(
    'time',
    field('prompt', promptMs, milliseconds),
    field('prefill', prefillMs, milliseconds),
    field('decode', decodeMs, milliseconds),
    field('monitor', monitorMs, milliseconds),
    field('total', totalMs, milliseconds),
  );
}

type Times = Completion['timings'];

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

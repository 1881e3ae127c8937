import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Prompt } from '../../../engine/prompt';
import type { LoadedModel } from '../../../engine/runtime/load';
import { sleep } from '../measure';
import type { EditKind, EditTrace } from '../traces/generate';
import type { llamaContender } from './llama';
import { type Answer, type OurAnswer, ourContender } from './ours';
import { replayRequest } from './request';

export const ourModes = ['pie', 'refreshed', 'splice', 'recompute'] as const;
export type OurMode = (typeof ourModes)[number];

/** One request of a trace and everybody's answer. */
export interface Played {
  readonly kind: EditKind;
  readonly promptTokens: number;
  readonly ours: Readonly<Record<OurMode, OurAnswer>>;
  readonly llama?: Answer;
}

/** Thread pools spin for a while after their work; the next contender is not to pay for that. */
const settleMs = 15;

/**
 * Plays a trace for all contenders at once: after each step the same prompt to each, in another order every time.
 * The first request, which nobody has anything cached for, does not count.
 * @param isOver asked between steps: whether there is time for no more than what one trace needs at least
 */
export async function play(
  model: LoadedModel,
  contextTokens: number,
  trace: EditTrace,
  llama: ReturnType<typeof llamaContender> | undefined,
  onStep: () => void,
  isOver: () => boolean,
): Promise<Played[]> {
  const contenders = {
    pie: ourContender(model, 'pie'),
    refreshed: ourContender(model, 'pie'),
    splice: ourContender(model, 'splice'),
    recompute: ourContender(model, 'recompute'),
  };
  const document = TextDocument.create(trace.uri, trace.languageId, 1, trace.text);
  const played: Played[] = [];
  let previous: Prompt | undefined;
  for (const [i, { kind, changes, caret }] of trace.steps.entries()) {
    if (played.length > 0 && isOver()) break;
    for (const change of changes) TextDocument.update(document, [...change], document.version + 1);
    const request = replayRequest(model, document, caret, contextTokens, previous);
    previous = request.prompt;
    const answers: Partial<Record<OurMode, OurAnswer>> = {};
    for (const mode of turned(ourModes, i)) {
      await sleep(settleMs);
      answers[mode] = await contenders[mode].answer(request);
    }
    await contenders.refreshed.idle();
    const ours = answers as Record<OurMode, OurAnswer>;
    await sleep(settleMs);
    const theirs = await llama?.answer(request, ours.recompute.completion.tokens.length);
    onStep();
    const promptTokens = request.prompt.ids.length;
    if (i > 0) played.push({ kind, promptTokens, ours, ...(theirs && { llama: theirs }) });
  }
  for (const mode of ourModes) contenders[mode].close();
  return played;
}

const turned = <T>(items: readonly T[], by: number): T[] => [
  ...items.slice(by % items.length),
  ...items.slice(0, by % items.length),
];

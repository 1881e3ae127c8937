import { pathToFileURL } from 'node:url';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Engine, MonitorOptions } from '../../../engine/index';
import { completeAt } from '../../completion/complete';
import type { CompletionResult } from '../../completion/result';
import type { Analyst } from '../../monitors/analyst';
import { defaultSettings } from '../../protocol';
import { sleep } from '../measure';
import type { HeldPlace } from './places';

/** One way to complete. */
export interface Way {
  readonly without?: readonly string[];
  readonly monitors?: Partial<MonitorOptions>;
}

/** The product with its monitors, and without. */
export const ways = {
  'with monitors': {},
  'without monitors': { without: ['monitor'] },
} as const satisfies Record<string, Way>;
export type WayName = keyof typeof ways;

/** Ways that must write the same and differ in time only. */
export const equalWays = {
  optimistic: {},
  waiting: { monitors: { waits: true } },
  'without copies': { without: ['copy'] },
} as const satisfies Record<string, Way>;
export type EqualWayName = keyof typeof equalWays;

export interface Answered {
  readonly result: CompletionResult;
  /** The rest of the line as it was written. */
  readonly text: string;
}

/** Nobody types meanwhile. */
const patience = 60_000;
/** Thread pools spin for a while after their work; the next one is not to pay for that. */
const settleMs = 5;

/** Writes the rest of each place's line in several ways, in turns, by the product's own path. */
export async function answerAll<Name extends string>(
  engine: Engine,
  analyst: Analyst,
  places: readonly HeldPlace[],
  ways: Readonly<Record<Name, Way>>,
  onPlace: (done: number) => void,
): Promise<Record<Name, Answered[]>> {
  const names = Object.keys(ways) as Name[];
  const answers = Object.fromEntries(names.map((name) => [name, [] as Answered[]])) as Record<
    Name,
    Answered[]
  >;
  for (const [i, place] of places.entries()) {
    const uri = pathToFileURL(place.fileName).href;
    const document = TextDocument.create(uri, place.languageId, i, place.before + place.after);
    const ask = ({ without = [], monitors }: Way, turn = 0) =>
      completeAt(
        {
          engine: { state: 'ready', engine },
          settings: { ...defaultSettings, eagerness: 'eager', without: [...without] },
          analyst: withoutMemory(analyst, turn),
        },
        document,
        document.positionAt(place.before.length),
        {
          deadlineMs: patience,
          mode: 'line',
          session: 'place',
          monitors: { questionMs: patience, completionMs: patience, leastKept: 0, ...monitors },
        },
        new AbortController().signal,
      );
    // The prompt is read, and the file's types are known, before anybody's time counts.
    await ask({ without: ['monitor'] });
    await analyst.ask({
      ...document,
      uri,
      languageId: place.languageId,
      kinds: [],
      before: place.before,
      after: place.after,
    });
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(i + turn) % names.length] as Name;
      await sleep(settleMs);
      const result = await ask(ways[name], turn + 1);
      answers[name].push({ result, text: result.completion?.text ?? '' });
    }
    engine.forget('place');
    onPlace(i + 1);
  }
  return answers;
}

/** What was asked in another turn is known: blanks behind the end of the file make other questions of the same. */
const withoutMemory = (analyst: Analyst, turn: number): Analyst => ({
  ...analyst,
  ask: (hypothesis) => analyst.ask({ ...hypothesis, after: `${hypothesis.after}${' '.repeat(turn)}` }),
});

/** The analysis worker: TypeScript's language service blocks the thread that it is called on. */
import path from 'node:path';
import { parentPort } from 'node:worker_threads';
import type { MonitorAnswer } from '../../../engine/index';
import type { Declared } from '../analyst';
import { answerAt } from './answers';
import { createFollowUps } from './followUps';
import { analyseHypothesis } from './hypothesis';
import { createProjects } from './project';
import { signaturesAt } from './signatures';

export type ToAnalysis =
  | { readonly type: 'text'; readonly fileName: string; readonly text: string | undefined }
  | {
      readonly type: 'ask';
      readonly fileName: string;
      /** The longest text of all, and what stands behind it. */
      readonly before: string;
      readonly after: string;
      readonly places: readonly AskedPlace[];
    }
  | { readonly type: 'outline'; readonly fileName: string; readonly text: string; readonly around: Around };
export interface AskedPlace {
  readonly position: number;
  readonly kinds: readonly string[];
}
export interface Around {
  readonly position: number;
  /** Characters. */
  readonly room: number;
}
export interface FromAnalysis {
  /** One for each of the places, in their order. */
  readonly answers?: readonly MonitorAnswer[];
  readonly signatures?: readonly Declared[];
}

/** The build puts the library's declarations there. */
const projects = createProjects(path.join(__dirname, 'typescript'));
const followUps = createFollowUps();

parentPort?.on('message', async (message: ToAnalysis) => {
  if (message.type === 'text') {
    projects.setText(message.fileName, message.text);
    followUps.forget();
    return;
  }
  await projects.refresh();
  parentPort?.postMessage(message.type === 'ask' ? answersTo(message) : outlinesTo(message));
});

function answersTo({ fileName, before, after, places }: Extract<ToAnalysis, { type: 'ask' }>): FromAnalysis {
  const inText = places.map(({ position, kinds }) => ({ before: before.slice(0, position), after, kinds }));
  const followed = inText.map((place) => attempt(() => followUps.answer(fileName, place)));
  if (followed.every((answer) => answer !== undefined)) return { answers: followed };
  followUps.forget();
  const file = attempt(() => analyseHypothesis(projects, fileName, before, after));
  const answers = inText.map((place): MonitorAnswer => {
    if (file === undefined) return { reason: 'The file is not part of a program.' };
    if ('reason' in file) return file;
    if (place.before.length === before.length) attempt(() => followUps.remember(file, place));
    return attempt(() => answerAt(file, place.before.length, place.kinds));
  });
  return { answers };
}

function outlinesTo({ fileName, text, around }: Extract<ToAnalysis, { type: 'outline' }>): FromAnalysis {
  const found = attempt(() => {
    const file = projects.analyse(fileName, text);
    return file === undefined ? [] : signaturesAt(file, around.position, around.room);
  });
  return { signatures: 'reason' in found ? [] : found };
}

function attempt<Result>(analyse: () => Result): Result | { readonly reason: string } {
  try {
    return analyse();
  } catch (error) {
    // The compiler's own assertions: on text that nobody has written before it may break anywhere.
    const what = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return { reason: `The TypeScript compiler failed: ${what}` };
  }
}

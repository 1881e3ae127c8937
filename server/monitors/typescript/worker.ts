/** The analysis worker: TypeScript's language service blocks the thread that it is called on. */
import path from 'node:path';
import { parentPort } from 'node:worker_threads';
import type { ContextSnippet, MonitorAnswer } from '../../../engine/index';
import { answerAt } from './answers';
import { createProjects } from './project';
import { signaturesAt } from './signatures';

export type ToAnalysis =
  | { readonly type: 'text'; readonly fileName: string; readonly text: string | undefined }
  | {
      readonly type: 'ask';
      readonly fileName: string;
      readonly text: string;
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
  readonly signatures?: readonly ContextSnippet[];
}

/** The build puts the library's declarations there. */
const projects = createProjects(path.join(__dirname, 'typescript'));

parentPort?.on('message', async (message: ToAnalysis) => {
  if (message.type === 'text') {
    projects.setText(message.fileName, message.text);
    return;
  }
  await projects.refresh();
  const { fileName, text } = message;
  const file = attempt(() => projects.analyse(fileName, text));
  if (message.type === 'outline') {
    const { position, room } = message.around;
    const known = file !== undefined && 'source' in file && attempt(() => signaturesAt(file, position, room));
    const signatures = Array.isArray(known) ? known : [];
    parentPort?.postMessage({ signatures } satisfies FromAnalysis);
    return;
  }
  const answers = message.places.map(({ position, kinds }): MonitorAnswer => {
    if (file === undefined) return { reason: 'The file is not part of a program.' };
    return 'reason' in file ? file : attempt(() => answerAt(file, position, kinds));
  });
  parentPort?.postMessage({ answers } satisfies FromAnalysis);
});

function attempt<Result>(analyse: () => Result): Result | { readonly reason: string } {
  try {
    return analyse();
  } catch (error) {
    // The compiler's own assertions: on text that nobody has written before it may break anywhere.
    const what = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return { reason: `The TypeScript compiler failed: ${what}` };
  }
}

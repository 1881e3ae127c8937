/** The analysis worker: TypeScript's language service blocks the thread that it is called on. */
import path from 'node:path';
import { parentPort } from 'node:worker_threads';
import type { MonitorAnswer } from '../../../engine/index';
import { answerAt } from './answers';
import { createProjects } from './project';

export type ToAnalysis =
  | { readonly type: 'text'; readonly fileName: string; readonly text: string | undefined }
  | {
      readonly type: 'ask';
      readonly id: number;
      readonly fileName: string;
      readonly kinds: readonly string[];
      readonly before: string;
      readonly after: string;
    };
export interface FromAnalysis {
  readonly id: number;
  readonly answer: MonitorAnswer;
}

/** The build puts the library's declarations there. */
const projects = createProjects(path.join(__dirname, 'typescript'));

parentPort?.on('message', (message: ToAnalysis) => {
  if (message.type === 'text') {
    projects.setText(message.fileName, message.text);
    return;
  }
  const answer: FromAnalysis = { id: message.id, answer: answerTo(message) };
  parentPort?.postMessage(answer);
});

function answerTo({ fileName, before, after, kinds }: Extract<ToAnalysis, { type: 'ask' }>): MonitorAnswer {
  try {
    const file = projects.analyse(fileName, before + after);
    return file === undefined
      ? { reason: 'The file is not part of a program.' }
      : answerAt(file, before.length, kinds);
  } catch (error) {
    // The compiler's own assertions: on text that nobody has written before it may break anywhere.
    const what = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return { reason: `The TypeScript compiler failed: ${what}` };
  }
}

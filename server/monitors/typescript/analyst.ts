import { createHash } from 'node:crypto';
import type { MonitorAnswer } from '../../../engine/index';
import type { Analyst, Hypothesis } from '../analyst';
import { createRecent } from '../recent';
import { type AskedText, isGivenUp, takeBatch } from './batch';
import { fileNameOf } from './fileNames';
import { createThread, type ThreadOptions } from './thread';
import { triggersOf } from './triggers';

export interface OpenDocument {
  readonly uri: string;
  readonly version: number;
  getText(): string;
}

export interface TypeScriptOptions extends ThreadOptions {
  /** What an editor has open, also where it is not saved. */
  readonly openDocuments: () => readonly OpenDocument[];
}

interface Question extends AskedText {
  readonly kinds: readonly string[];
  readonly key: string;
  readonly resolve: (answer: MonitorAnswer) => void;
}

/** An open document as the thread knows it. */
interface Known {
  readonly document: OpenDocument;
  readonly version: number;
  /** Another one for every text that the thread was told. */
  readonly revision: number;
}

/** So many answers are kept, for whoever types a name letter by letter; files on disk may change meanwhile. */
const mostAnswers = 100;
const answerAgeMs = 5000;

/** TypeScript and JavaScript, by the TypeScript language service in a thread of its own. */
export function createTypeScriptAnalyst({ openDocuments, ...options }: TypeScriptOptions): Analyst {
  const thread = createThread(options);
  const known = new Map<string, Known>();
  let revision = 0;
  /** It works at one thing at a time: what waits may be answered together, or given up before. */
  const waiting: Question[] = [];
  const answers = createRecent<MonitorAnswer>(mostAnswers, answerAgeMs);
  /** Outlines are looked up when no question waits. */
  const outlines: (() => Promise<void>)[] = [];
  let isBusy = false;

  /** Tells the thread what has changed in the editor since it was asked last. */
  const synchronise = (): void => {
    const open = new Map<string, OpenDocument>();
    for (const document of openDocuments()) {
      const fileName = fileNameOf(document.uri);
      if (fileName !== undefined) open.set(fileName, document);
    }
    for (const [fileName, document] of open) {
      const { version } = document;
      const told = known.get(fileName);
      // One that is closed and opened again may begin with the same version.
      if (told?.document === document && told.version === version) continue;
      known.set(fileName, { document, version, revision: ++revision });
      thread.setText(fileName, document.getText());
    }
    for (const fileName of [...known.keys()]) {
      if (open.has(fileName)) continue;
      known.delete(fileName);
      thread.setText(fileName, undefined);
    }
  };

  /** The same for questions that have the same answer as long as no file on disk changes. */
  const keyOf = (fileName: string, { kinds, before, after }: Omit<Hypothesis, 'uri'>): string => {
    const others = [...known].flatMap(([other, told]) => (other === fileName ? [] : [other, told.revision]));
    const parts = [fileName, kinds.join(), others.join(), before.length, before, after];
    return createHash('sha1').update(parts.join('\0')).digest('base64');
  };

  const drop = (question: Question): void => {
    const at = waiting.indexOf(question);
    if (at < 0) return;
    waiting.splice(at, 1);
    question.resolve({ reason: 'The answer was no longer needed.' });
  };

  const answerBatch = async (batch: readonly Question[], { fileName, before, after }: Question) => {
    const places = batch.map((question) => ({ position: question.before.length, kinds: question.kinds }));
    try {
      const given = await thread.ask(fileName, before, after, places);
      for (const [i, question] of batch.entries()) {
        const answer = given[i] ?? { reason: 'Nothing came back.' };
        answers.set(question.key, answer);
        question.resolve(answer);
        for (const one of [...waiting]) if (isGivenUp(one, question, answer)) drop(one);
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      for (const { resolve } of batch) resolve({ reason });
    }
  };

  const work = async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    while (waiting.length > 0 || outlines.length > 0) {
      const batch = takeBatch(waiting);
      synchronise();
      await (batch[0] === undefined ? outlines.shift()?.() : answerBatch(batch, batch[0]));
    }
    isBusy = false;
  };

  return {
    triggers: (uri, languageId) => (fileNameOf(uri) === undefined ? [] : triggersOf(languageId)),
    async ask({ uri, signal, ...asked }: Hypothesis) {
      const fileName = fileNameOf(uri);
      if (fileName === undefined) return { reason: 'The document is no file of this machine.' };
      synchronise();
      const key = keyOf(fileName, asked);
      const answer = answers.get(key);
      if (answer !== undefined) return answer;
      return new Promise<MonitorAnswer>((resolve) => {
        const question: Question = { fileName, ...asked, key, resolve };
        waiting.push(question);
        signal?.addEventListener('abort', () => drop(question), { once: true });
        void work();
      });
    },
    signatures({ uri, before, after }, room) {
      const fileName = fileNameOf(uri);
      if (fileName === undefined) return Promise.resolve([]);
      return new Promise((resolve) => {
        outlines.push(async () => {
          const around = { position: before.length, room };
          resolve(await thread.signatures(fileName, before + after, around).catch(() => []));
        });
        void work();
      });
    },
    dispose: () => thread.stop(),
  };
}

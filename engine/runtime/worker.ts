/** The worker thread that owns the model: onnxruntime's `run` blocks the thread it is called on. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ScoreRequest } from '../completion';
import type { Clock } from '../decode/clock';
import type { Scoring } from '../decode/uncertainty/score';
import { SlipstreamError } from '../errors';
import type { MonitorAnswer, MonitorOracle } from '../monitor';
import { createCompleter } from './completer';
import { flagsIn } from './flags';
import { type LoadedModel, loadModel } from './load';
import { type Failure, type FromWorker, now, type ToWorker, type WorkerData } from './messages';
import { createWorkQueue } from './workQueue';

const started = performance.now();
const { options, rowsPerPass, flags: memory } = workerData as WorkerData;
const flags = flagsIn(memory);
const send = (message: FromWorker) => parentPort?.postMessage(message);

const failure = (error: unknown): Failure =>
  error instanceof SlipstreamError
    ? { code: error.code, message: error.message }
    : { code: 'worker-crashed', message: unexpected(error) };

function unexpected(error: unknown): string {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `The engine failed because of an unexpected error; restart the server and report this: ${what}`;
}

/** Nothing that is on a lost device comes back: whoever started this starts anew. */
function endIfLost(error: unknown): void {
  if (!(error instanceof SlipstreamError && error.code === 'device-lost')) return;
  flags.end();
  parentPort?.close();
}

/** So long after the last request nobody is typing. */
const idleMs = 150;

function serve(model: LoadedModel): void {
  const completer = createCompleter(model, options.contextTokens, options.cacheBytes);
  let lastUsed: string | undefined;
  /** Whether the model is about to be released. */
  let isOver = false;
  let asideFailure: string | undefined;

  const isInterrupted = () => queue.isWaiting() || flags.isEnding();

  /** Nobody asked for such work: the next request tells its failure, and begins with nothing half done. */
  const aside = async (work: () => Promise<void>): Promise<void> => {
    try {
      await flags.whileBusy(work);
    } catch (error) {
      if (lastUsed !== undefined) completer.forget(lastUsed);
      asideFailure = failure(error).message;
      endIfLost(error);
    }
  };
  const queue = createWorkQueue(idleMs, () => aside(() => completer.idle(lastUsed, isInterrupted)));

  /** @param work gives the answer, or nothing yet */
  const answer = (id: number, work: () => Promise<FromWorker | undefined>, manners?: 'patient') =>
    queue.enqueue(async () => {
      try {
        const message = await flags.whileBusy(work);
        if (message !== undefined) send(message);
      } catch (error) {
        send({ type: 'rejected', id, failure: failure(error) });
        endIfLost(error);
      }
    }, manners);

  /**
   * Lets whatever else has come go first, and goes on behind it. What is cancelled, or the engine's end interrupts, has no answer.
   * @param release called once, when it does not go on
   */
  const inPieces = (
    id: number,
    proceed: () => Promise<FromWorker | undefined>,
    release: () => void = () => {},
  ): void =>
    answer(
      id,
      async () => {
        let goesOn = false;
        try {
          const message = await proceed();
          goesOn = message === undefined && !isOver && !flags.isCancelled(id);
          return message;
        } finally {
          if (goesOn) inPieces(id, proceed, release);
          else release();
        }
      },
      'patient',
    );

  const refresh = (id: number, session: string): void =>
    inPieces(id, async () => {
      const stale = await completer.refresh(session, isInterrupted);
      return stale === 0 || flags.isEnding() ? { type: 'refreshed', id, stale } : undefined;
    });

  const score = (id: number, request: ScoreRequest): void => {
    let scoring: Scoring | undefined;
    const proceed = async (): Promise<FromWorker | undefined> => {
      scoring ??= completer.score(request);
      const tokens = await scoring.proceed(isInterrupted);
      return tokens && { type: 'scored', id, tokens };
    };
    inPieces(id, proceed, () => scoring?.dispose());
  };

  let lastQuestion = 0;
  const questions = new Map<number, (answer: MonitorAnswer) => void>();
  const oracleOf =
    (id: number): MonitorOracle =>
    (about, signal) =>
      new Promise((resolve) => {
        const question = ++lastQuestion;
        questions.set(question, resolve);
        send({ type: 'asked', id, question, about });
        signal.addEventListener('abort', () => send({ type: 'dropped', question }), { once: true });
      });

  const complete = async (message: Extract<ToWorker, { type: 'complete' }>): Promise<FromWorker> => {
    const { id, request, isWatched, isFollowed, sentAt } = message;
    lastUsed = request.session;
    const clock: Clock = { elapsed: () => now() - sentAt };
    const oracle = isWatched ? oracleOf(id) : undefined;
    const written = isFollowed ? (text: string) => send({ type: 'written', id, text }) : undefined;
    const completion = await completer.complete(request, () => flags.isCancelled(id), clock, oracle, written);
    if (asideFailure === undefined) return { type: 'completion', id, completion };
    const cache = { ...completion.cache, fallback: asideFailure };
    asideFailure = undefined;
    return { type: 'completion', id, completion: { ...completion, cache } };
  };

  parentPort?.on('message', (message: ToWorker) => {
    switch (message.type) {
      case 'complete':
        answer(message.id, () => complete(message));
        // Whoever types on will ask for nearly the same prompt: what a deadline left of it is encoded at once.
        return queue.enqueue(() =>
          aside(() => completer.finishPrompt(message.request.session, isInterrupted)),
        );
      case 'prepare':
        return queue.enqueue(() => aside(() => completer.prepare(message.request, isInterrupted)));
      case 'told':
        questions.get(message.question)?.(message.answer);
        questions.delete(message.question);
        return;
      case 'refresh':
        return refresh(message.id, message.session);
      case 'score':
        return score(message.id, message.request);
      case 'threshold':
        return queue.enqueue(() => completer.useThreshold(message.threshold));
      case 'forget':
        return queue.enqueue(() => completer.forget(message.session));
      case 'dispose':
        isOver = true;
        return queue.enqueue(async () => {
          await model.decoder.release();
          parentPort?.close();
        });
    }
  });

  const { name, decoder, fim, threshold, thresholdKey, notes } = model;
  const { device, precision } = decoder;
  send({
    type: 'ready',
    info: {
      model: name,
      device,
      precision,
      contextTokens: completer.contextTokens,
      fillsInTheMiddle: fim !== undefined,
      threshold,
      thresholdKey,
      notes,
      startMs: performance.now() - started,
    },
  });
  // The first request that is watched would have to wait for it.
  void queue.enqueue(() => void model.bytes());
}

flags
  .whileBusy(() => loadModel({ ...options, rowsPerPass, isCancelled: flags.isEnding }))
  .then(serve, (error: unknown) => send({ type: 'failed', failure: failure(error) }));

/** The worker thread that owns the model: onnxruntime's `run` blocks the thread it is called on. */
import { parentPort, workerData } from 'node:worker_threads';
import type { CompletionRequest } from '../completion';
import type { Clock } from '../decode/generate';
import { SlipstreamError } from '../errors';
import { createCompleter } from './completer';
import { flagsIn } from './flags';
import { type LoadedModel, loadModel } from './load';
import { type Failure, type FromWorker, now, type ToWorker, type WorkerData } from './messages';
import { createWorkQueue } from './workQueue';

const started = performance.now();
const { options, flags: memory } = workerData as WorkerData;
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

/** So long after the last request nobody is typing. */
const idleMs = 150;

function serve(model: LoadedModel): void {
  const completer = createCompleter(model, options.contextTokens, options.cacheBytes);
  let lastUsed: string | undefined;
  let idleFailure: string | undefined;

  const queue = createWorkQueue(idleMs, (isInterrupted) =>
    flags.whileBusy(async () => {
      const isOver = () => isInterrupted() || flags.isEnding();
      try {
        if (lastUsed !== undefined) await completer.refresh(lastUsed, isOver);
      } catch (error) {
        // Nobody asked for this work: the next request tells it, and begins with nothing half done.
        if (lastUsed !== undefined) completer.forget(lastUsed);
        idleFailure = failure(error).message;
      }
    }),
  );

  const answer = (id: number, work: () => Promise<FromWorker>) =>
    queue.enqueue(() =>
      flags.whileBusy(async () => {
        try {
          send(await work());
        } catch (error) {
          send({ type: 'rejected', id, failure: failure(error) });
        }
      }),
    );

  const complete = async (id: number, request: CompletionRequest, clock: Clock): Promise<FromWorker> => {
    lastUsed = request.session;
    const completion = await completer.complete(request, () => flags.isCancelled(id), clock);
    if (idleFailure === undefined) return { type: 'completion', id, completion };
    const cache = { ...completion.cache, fallback: idleFailure };
    idleFailure = undefined;
    return { type: 'completion', id, completion: { ...completion, cache } };
  };

  parentPort?.on('message', (message: ToWorker) => {
    switch (message.type) {
      case 'complete':
        return answer(message.id, () =>
          complete(message.id, message.request, { elapsed: () => now() - message.sentAt }),
        );
      case 'refresh':
        return answer(message.id, async () => ({
          type: 'refreshed',
          id: message.id,
          stale: await completer.refresh(message.session, flags.isEnding),
        }));
      case 'forget':
        return queue.enqueue(() => completer.forget(message.session));
      case 'dispose':
        return queue.enqueue(async () => {
          await model.decoder.release();
          parentPort?.close();
        });
    }
  });

  const { name, decoder, fim } = model;
  const { contextTokens } = completer;
  const startMs = performance.now() - started;
  const { device, precision } = decoder;
  send({
    type: 'ready',
    info: { model: name, device, precision, contextTokens, fillsInTheMiddle: fim !== undefined, startMs },
  });
}

flags
  .whileBusy(() => loadModel({ ...options, isCancelled: flags.isEnding }))
  .then(serve, (error: unknown) => send({ type: 'failed', failure: failure(error) }));

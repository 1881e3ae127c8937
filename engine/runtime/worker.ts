/** The worker thread that owns the model: onnxruntime's `run` blocks the thread it is called on. */
import { parentPort, workerData } from 'node:worker_threads';
import type { CompletionRequest } from '../completion';
import type { Clock } from '../decode/generate';
import { SlipstreamError } from '../errors';
import { createCompleter } from './completer';
import { flagsIn } from './flags';
import { type LoadedModel, loadModel } from './load';
import { type Failure, type FromWorker, now, type ToWorker, type WorkerData } from './messages';

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

function serve(model: LoadedModel): void {
  const completer = createCompleter(model, options.contextTokens);
  let queue: Promise<void> = Promise.resolve();
  let waiting = 0;
  const enqueue = (work: () => Promise<void> | void) => {
    waiting++;
    queue = queue.then(() => {
      waiting--;
      return work();
    });
  };

  const complete = async (id: number, request: CompletionRequest, clock: Clock) => {
    try {
      const completion = await completer.complete(request, () => flags.isCancelled(id), clock);
      send({ type: 'completion', id, completion });
      // Nobody waits for it any more, but whoever types on will ask for nearly the same prompt.
      const isPromptLeft = completion.stopReason === 'deadline' && completion.tokens.length === 0;
      if (isPromptLeft) await completer.finishPrompt(request.session, () => waiting > 0 || flags.isEnding());
    } catch (error) {
      send({ type: 'rejected', id, failure: failure(error) });
    }
  };

  parentPort?.on('message', (message: ToWorker) => {
    switch (message.type) {
      case 'complete':
        return enqueue(() =>
          flags.whileBusy(() =>
            complete(message.id, message.request, { elapsed: () => now() - message.sentAt }),
          ),
        );
      case 'forget':
        return enqueue(() => completer.forget(message.session));
      case 'dispose':
        return enqueue(async () => {
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

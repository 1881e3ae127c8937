/** The worker thread that owns the model: onnxruntime's `run` blocks the thread it is called on. */
import { parentPort, workerData } from 'node:worker_threads';
import { SlipstreamError } from '../errors';
import { createCompleter } from './completer';
import { type LoadedModel, loadModel } from './load';
import { cancelSlots, type Failure, type FromWorker, type ToWorker, type WorkerData } from './messages';

const port = parentPort;
if (!port) throw new Error('engineWorker.js is started by the engine, not by hand');
const started = performance.now();
const { options, cancelled } = workerData as WorkerData;
const cancelledIds = new Int32Array(cancelled);
const send = (message: FromWorker) => port.postMessage(message);

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
  const enqueue = (work: () => Promise<void>) => {
    queue = queue.then(work);
  };
  port?.on('message', (message: ToWorker) => {
    const arrived = performance.now();
    switch (message.type) {
      case 'complete':
        return enqueue(async () => {
          const { id, request } = message;
          const isCancelled = () => Atomics.load(cancelledIds, id % cancelSlots) === id;
          try {
            const clock = { elapsed: () => performance.now() - arrived };
            send({
              type: 'completion',
              id,
              completion: await completer.complete(request, isCancelled, clock),
            });
          } catch (error) {
            send({ type: 'rejected', id, failure: failure(error) });
          }
        });
      case 'forget':
        return enqueue(async () => completer.forget(message.session));
      case 'dispose':
        return enqueue(async () => {
          await model.decoder.release();
          port?.close();
        });
    }
  });
  send({
    type: 'ready',
    info: {
      model: model.name,
      device: model.decoder.device,
      precision: model.decoder.precision,
      contextTokens: completer.contextTokens,
      startMs: performance.now() - started,
    },
  });
}

loadModel(options).then(serve, (error) => send({ type: 'failed', failure: failure(error) }));

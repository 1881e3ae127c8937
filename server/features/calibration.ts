import { pathToFileURL } from 'node:url';
import { LSPErrorCodes, ResponseError, WorkDoneProgress } from 'vscode-languageserver/node';
import { calibrate } from '../calibration/calibrate';
import type { ServerContext } from '../context';
import { messageOf } from '../engine/messages';
import { type CalibrationAnswer, type CalibrationParams, calibrateRequest } from '../protocol';
import { abortable } from '../requests';

const manyPlaces = 600;
const seed = 1;

/** Somebody who asked for it waits for a model that is being loaded. */
const patienceMs = 10_000;

/** Learns from the workspace's own source when the model is unsure, while completions go on. */
export function register({ connection, client, engine, surroundings, log }: ServerContext): void {
  connection.onRequest(
    calibrateRequest.method,
    async (raw: unknown, token): Promise<CalibrationAnswer | null> => {
      const { workDoneToken, places = manyPlaces } = (raw ?? {}) as CalibrationParams;
      engine.wake();
      const access = await engine.settled(patienceMs, new AbortController().signal);
      if (client.folders.length === 0)
        throw failed('no folder of this machine is open; open one with source');
      if (access.state !== 'ready')
        throw failed(
          access.state === 'failed' ? access.message : 'the engine is still starting; try again soon',
        );
      let shown = -1;
      const progress = (done: number, of: number) => {
        const percentage = Math.floor((100 * done) / of);
        if (workDoneToken === undefined || percentage === shown) return;
        shown = percentage;
        const value = { kind: 'report', message: `${done} of ${of} places`, percentage } as const;
        void connection.sendProgress(WorkDoneProgress.type, workDoneToken, value);
      };
      try {
        const result = await calibrate(access.engine, {
          folders: client.folders,
          places,
          seed,
          signal: abortable(token).signal,
          progress,
          note: log.info,
          isAllowed: (file) => surroundings.isAllowed(pathToFileURL(file).href),
        });
        if (result === undefined) return null;
        log.info(`Calibrated: the model counts as unsure from ${result.threshold.toFixed(3)} nats on.`);
        return result;
      } catch (error) {
        throw failed(messageOf(error));
      }
    },
  );
}

const failed = (why: string) => new ResponseError(LSPErrorCodes.RequestFailed, why);

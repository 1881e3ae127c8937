import { ErrorCodes, ResponseError } from 'vscode-languageserver/node';
import type { ServerContext } from '../context';
import { messageOf } from '../engine/messages';
import { type RefreshAnswer, refreshRequest } from '../protocol';
import { uriOf } from '../requests';

/** Long enough for a model to load. */
const patienceMs = 60_000;

/** Does at once, and tells the end of, what the engine otherwise does in idle time. */
export function register({ connection, engine }: ServerContext): void {
  connection.onRequest(refreshRequest.method, async (params: unknown): Promise<RefreshAnswer> => {
    const uri = uriOf(params);
    const access = await engine.settled(patienceMs, new AbortController().signal);
    if (access.state === 'starting') throw failed('the engine is still starting');
    if (access.state === 'failed') throw failed(`the engine failed: ${access.message}`);
    try {
      return await access.engine.refresh(uri);
    } catch (error) {
      throw failed(messageOf(error));
    }
  });
}

const failed = (why: string) =>
  new ResponseError(ErrorCodes.InternalError, `The cache cannot be refreshed, because ${why}`);

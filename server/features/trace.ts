import type { FinishedRequest } from '../completion/finished';
import { isSuperseded } from '../completion/result';
import type { ServerContext } from '../context';
import { type TraceAnswer, traceRequest } from '../protocol';
import { renderTrace } from '../trace/render';
import { createRing } from '../trace/ring';

/** What fits on a few screens; each has some kilobytes. */
const remembered = 50;

/** Remembers the latest requests in memory, and tells of them as a text that people read. */
export function register({ connection, onFinished }: ServerContext): void {
  const requests = createRing<FinishedRequest>(remembered);

  onFinished.push((request) => {
    // They would push what one wants to see out of the ring.
    if (!isSuperseded(request.result)) requests.add(request);
  });

  connection.onRequest(traceRequest.method, (): TraceAnswer => ({ text: renderTrace(requests.list()) }));
}

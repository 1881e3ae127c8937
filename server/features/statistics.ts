import type { ServerContext } from '../context';
import { messageOf } from '../engine/messages';
import { configDirectory } from '../paths';
import {
  acceptedCommandId,
  resetStatisticsRequest,
  type StatisticsAnswer,
  statisticsRequest,
} from '../protocol';
import { createCounter } from '../statistics/counter';
import { added, noStatistics, type Statistics } from '../statistics/counts';
import { statisticsPage } from '../statistics/page';
import { createStatisticsStore } from '../statistics/store';
import { createWatcher } from '../statistics/watcher';

/** What was counted is written down so often, at the end, and before it is shown. */
const storeEveryMs = 30_000;

/**
 * Counts what is shown, accepted and kept, for the user alone: numbers in a file of this machine. Only for clients that can
 * show them; benchmarks and other editors count nothing.
 */
export function register(context: ServerContext): void {
  const { connection, documents, client, log, onFinished, onReplaced } = context;
  const store = createStatisticsStore(configDirectory());
  const counter = createCounter();
  const watcher = createWatcher(counter, (uri) => {
    const document = documents.get(uri);
    return document && { text: document.getText(), offsetAt: (position) => document.offsetAt(position) };
  });
  /** Counted, and not yet written. */
  let pending: Statistics | undefined;
  let hasWarned = false;

  function write(): void {
    const counted = counter.take();
    if (counted !== undefined) pending = added(pending ?? noStatistics(), counted);
    if (pending === undefined) return;
    try {
      if (store.add(pending)) pending = undefined;
    } catch (error) {
      if (!hasWarned)
        log.warn(`The statistics cannot be written, so they end with this session: ${messageOf(error)}`);
      hasWarned = true;
    }
  }

  onFinished.push((request) => {
    if (client.notifications) watcher.finished(request);
  });
  onReplaced.push((uri, replacement) => watcher.replaced(uri, replacement));
  documents.onDidClose(({ document }) => watcher.closed(document.uri));
  connection.onExecuteCommand(({ command, arguments: [uri, number] = [] }) => {
    if (command === acceptedCommandId && typeof number === 'number') watcher.accepted(String(uri), number);
  });

  setInterval(write, storeEveryMs).unref();
  process.once('exit', write);

  connection.onRequest(statisticsRequest.method, (): StatisticsAnswer => {
    write();
    const all = added(store.read(), pending ?? noStatistics());
    return { page: statisticsPage(all), json: `${JSON.stringify(all, null, 2)}\n` };
  });
  connection.onRequest(resetStatisticsRequest.method, () => {
    watcher.dispose();
    counter.take();
    pending = undefined;
    store.reset();
    return null;
  });
}

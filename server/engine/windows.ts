import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineOptions } from '../../engine/index';
import { isRunning } from '../processes';

let isNoted = false;

/**
 * Notes that this process has loaded a model.
 * @returns a sentence where other processes, such as other windows' servers, hold the same model in memory as well
 */
export function otherWindows({
  cacheDirectory,
  modelDirectory,
  precision,
}: EngineOptions): string | undefined {
  const folder = join(cacheDirectory, 'running');
  const mine = JSON.stringify({ modelDirectory, precision });
  try {
    mkdirSync(folder, { recursive: true });
    const pids = readdirSync(folder).map(Number);
    for (const pid of pids) if (!isRunning(pid)) rmSync(join(folder, String(pid)), { force: true });
    const file = join(folder, String(process.pid));
    writeFileSync(file, mine);
    if (!isNoted) process.once('exit', () => rmSync(file, { force: true }));
    isNoted = true;
    const others = pids.filter(
      (pid) =>
        pid !== process.pid && isRunning(pid) && readFileSync(join(folder, String(pid)), 'utf8') === mine,
    );
    if (others.length === 0) return undefined;
    const windows = others.length === 1 ? 'Another window holds' : `${others.length} other windows hold`;
    return `${windows} the same weights in memory as well.`;
  } catch {
    // Whoever cannot write here is told so when the graph is built.
    return undefined;
  }
}

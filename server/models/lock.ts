import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { SlipstreamError } from '../../engine/index';
import { isRunning } from '../processes';

const heartbeatMs = 2_000;
/** Without a heartbeat for so long, its owner counts as dead: it crashed, or its machine slept. */
const staleMs = 15_000;
/** Longer than from reading a lock to replacing it, so that of several who take a dead one over, only the last has it. */
const settleMs = 200;

export interface Lock {
  /** Aborts when another process has taken the lock, since this one seemed dead. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/**
 * Makes sure that of all processes of this machine only one works on `path`. What a process that died held is taken over.
 * @param what "The download of X", for the message
 * @throws SlipstreamError download-busy
 */
export async function lock(path: string, what: string): Promise<Lock> {
  const file = `${path}.lock`;
  const mine = `${process.pid} ${randomUUID()}`;
  if (!(await create(file, mine)) && !(await takeOver(file, mine)))
    throw new SlipstreamError(
      'download-busy',
      `${what} already runs in another window or process of this machine; wait for its end, or cancel it there.`,
    );
  return hold(file, mine);
}

function hold(file: string, mine: string): Lock {
  const lost = new AbortController();
  const beat = async () => {
    if ((await contentOf(file)) === mine) {
      const now = new Date();
      await utimes(file, now, now).catch(() => undefined);
    } else
      lost.abort(
        new SlipstreamError(
          'download-busy',
          'Another process has taken the download over; wait for its end.',
        ),
      );
  };
  const timer = setInterval(() => void beat(), heartbeatMs);
  // A process that has nothing else to do may end.
  timer.unref();
  return {
    lost: lost.signal,
    async release() {
      clearInterval(timer);
      if ((await contentOf(file)) === mine) await rm(file, { force: true });
    },
  };
}

async function create(file: string, mine: string): Promise<boolean> {
  try {
    await writeFile(file, mine, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function takeOver(file: string, mine: string): Promise<boolean> {
  if (!(await isDead(file))) return false;
  const replacement = `${file}.${mine.split(' ')[1]}`;
  await writeFile(replacement, mine);
  await rename(replacement, file);
  await sleep(settleMs);
  return (await contentOf(file)) === mine;
}

async function isDead(file: string): Promise<boolean> {
  const owner = await contentOf(file);
  if (owner === undefined) return true;
  const pid = Number.parseInt(owner, 10);
  if (Number.isInteger(pid) && !isRunning(pid)) return true;
  // A number may have gone to another process since.
  const found = await stat(file).catch(() => undefined);
  return found === undefined || Date.now() - found.mtimeMs > staleMs;
}

const contentOf = (file: string): Promise<string | undefined> =>
  readFile(file, 'utf8').catch(() => undefined);

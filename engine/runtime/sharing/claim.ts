import { mkdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel } from '../channel';
import { type Address, isPipe } from './address';
import { attachTo } from './guest';
import { type Host, listenAt } from './host';

/** The engine of another process, or the right to have one for all. */
export type Claim = { readonly attached: Channel } | { readonly host: Host };

/** Looking takes some milliseconds: whoever holds the lock for longer has died in the middle of it. */
const abandonedMs = 3000;
const lookMs = 20;
/** Who waits for longer does without. */
const patienceMs = 2 * abandonedMs;

/**
 * Finds out who hosts an engine at an address: if nobody does, this process. Of several that want to, just one will.
 * @throws Error where the address cannot be used at all
 */
export async function claim(address: Address): Promise<Claim> {
  const attached = await attachTo(address);
  if (attached !== undefined) return { attached };
  return locked(address.lock, async () => {
    const until = Date.now() + abandonedMs / 2;
    for (;;) {
      const found = await attachTo(address);
      if (found !== undefined) return { attached: found };
      // Nobody listens there: what is left is that of a process that was killed.
      if (!isPipe) await rm(address.path, { force: true });
      try {
        return { host: await listenAt(address) };
      } catch (error) {
        // A pipe's name is taken for as long as a guest of the old host has not noticed its end.
        if (!isCode(error, 'EADDRINUSE') || Date.now() > until) throw error;
        await sleep(lookMs);
      }
    }
  });
}

async function locked<T>(lock: string, work: () => Promise<T>): Promise<T> {
  const until = Date.now() + patienceMs;
  while (!(await taken(lock))) {
    if (Date.now() > until) throw new Error(`${lock} does not go away`);
    const made = await stat(lock).catch(() => undefined);
    if (made !== undefined && Math.abs(Date.now() - made.mtimeMs) > abandonedMs) await removeAbandoned(lock);
    await sleep(lookMs);
  }
  try {
    return await work();
  } finally {
    await rmdir(lock).catch(() => {});
  }
}

/** Of several that find an abandoned lock only one can move it away: none removes the lock that another has just made. */
async function removeAbandoned(lock: string): Promise<void> {
  const away = `${lock}.${process.pid}`;
  await rename(lock, away)
    .then(() => rm(away, { recursive: true, force: true }))
    .catch(() => {});
}

async function taken(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
    return true;
  } catch (error) {
    // On Windows a folder that is being removed is still there, and nobody may make it.
    if (isCode(error, 'EEXIST') || (isPipe && isCode(error, 'EPERM', 'EACCES'))) return false;
    throw error;
  }
}

const isCode = (error: unknown, ...codes: string[]) =>
  codes.includes((error as NodeJS.ErrnoException).code ?? '');

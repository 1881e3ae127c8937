import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { writeWhole } from '../wholeFile';
import { added, noStatistics, type Statistics } from './counts';
import { parseStatistics } from './parse';

/** A lock that is older was left by a process that ended within these microseconds of work. */
const staleLockMs = 5000;

/** Where statistics are kept between sessions; the servers of several windows write to the same file. */
export interface StatisticsStore {
  read(): Statistics;
  /**
   * Adds to what is there.
   * @returns whether it was written; otherwise another window is just writing: try again later
   * @throws where the folder cannot be written
   */
  add(counted: Statistics): boolean;
  /** @throws where the file cannot be removed */
  reset(): void;
}

export function createStatisticsStore(folder: string): StatisticsStore {
  const file = path.join(folder, 'statistics.json');
  const lock = `${file}.lock`;

  const read = (): Statistics => {
    try {
      return parseStatistics(readFileSync(file, 'utf8')) ?? noStatistics();
    } catch {
      // Nothing has been counted yet.
      return noStatistics();
    }
  };

  return {
    read,
    add(counted) {
      mkdirSync(folder, { recursive: true });
      if (!take(lock)) return false;
      try {
        writeWhole(file, `${JSON.stringify(added(read(), counted))}\n`);
        return true;
      } finally {
        rmSync(lock, { force: true });
      }
    },
    reset: () => rmSync(file, { force: true }),
  };
}

function take(lock: string): boolean {
  try {
    closeSync(openSync(lock, 'wx'));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    // The next attempt finds it gone.
    if (age > staleLockMs) rmSync(lock, { force: true });
    return false;
  }
}

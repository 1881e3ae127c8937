import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { writeWhole } from '../wholeFile';
import { added, noStatistics, type Statistics } from './counts';
import { parseStatistics } from './parse';

/** A lock that is older was left by a process that ended within these microseconds of work. */
const staleLockMs = 5000;

/** Where statistics are kept between sessions; the servers of several windows write to the same file. */
export interface StatisticsStore {
  /** @throws where the file is there and cannot be read */
  read(): Statistics;
  /**
   * Adds to what is there. A file that says nothing, or is of another version, is moved aside.
   * @returns whether it was written; otherwise another window is just writing: try again later
   * @throws where the folder cannot be written, or what is there not be read
   */
  add(counted: Statistics): boolean;
  /** @throws where the file cannot be removed */
  reset(): void;
}

export function createStatisticsStore(folder: string): StatisticsStore {
  const file = path.join(folder, 'statistics.json');
  const lock = `${file}.lock`;

  /** Undefined where there is a file that says nothing. */
  const kept = (): Statistics | undefined => {
    try {
      return parseStatistics(readFileSync(file, 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return noStatistics();
    }
  };

  return {
    read: () => kept() ?? noStatistics(),
    add(counted) {
      mkdirSync(folder, { recursive: true });
      if (!take(lock)) return false;
      try {
        const before = kept();
        if (before === undefined) renameSync(file, `${file}.unreadable`);
        writeWhole(file, `${JSON.stringify(added(before ?? noStatistics(), counted))}\n`);
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

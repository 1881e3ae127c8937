import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** Whether the machine runs on its battery, as far as that can be known without asking anybody to wait. */
export interface Battery {
  /** What was found out last; a new look is taken behind it when that is long ago. */
  isInUse(): boolean;
}

const lookAgainMs = 30_000;
const supplies = '/sys/class/power_supply';

/** @param look finds out; looked at only when somebody asks */
export function createBattery(look: () => Promise<boolean> = onBattery, now = Date.now): Battery {
  let inUse = false;
  let lookedAt = Number.NEGATIVE_INFINITY;
  return {
    isInUse() {
      if (now() - lookedAt >= lookAgainMs) {
        lookedAt = now();
        look().then(
          (found) => {
            inUse = found;
          },
          // A machine that does not tell counts as plugged in.
          () => {
            inUse = false;
          },
        );
      }
      return inUse;
    },
  };
}

/** Linux and macOS tell; elsewhere the answer is always no. */
function onBattery(): Promise<boolean> {
  if (process.platform === 'linux') return dischargesIn(supplies);
  if (process.platform === 'darwin') return drawsFromBattery();
  return Promise.resolve(false);
}

/** @param folder has a folder for each supply, as Linux describes them */
export async function dischargesIn(folder: string): Promise<boolean> {
  const names = await readdir(folder);
  const states = await Promise.all(
    names.map(async (name) => {
      const read = (file: string) =>
        readFile(path.join(folder, name, file), 'utf8').then(
          (text) => text.trim(),
          () => '',
        );
      // The battery of a mouse is a device's, not the system's.
      const [type, status, scope] = await Promise.all([read('type'), read('status'), read('scope')]);
      return type === 'Battery' && scope !== 'Device' && status === 'Discharging';
    }),
  );
  return states.includes(true);
}

function drawsFromBattery(): Promise<boolean> {
  return new Promise((resolve) => {
    execFile('/usr/bin/pmset', ['-g', 'batt'], { timeout: 2000 }, (error, stdout) =>
      resolve(error === null && stdout.includes("'Battery Power'")),
    );
  });
}

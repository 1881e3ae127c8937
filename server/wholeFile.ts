import { renameSync, rmSync, writeFileSync } from 'node:fs';

/** Writes a file whole and then renames it, so that a crash leaves the old one rather than half of the new one. */
export function writeWhole(file: string, text: string): void {
  const unfinished = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(unfinished, text);
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

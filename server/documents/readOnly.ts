import { accessSync, constants, statSync } from 'node:fs';

const anyoneMayWrite = 0o222;

/** Whether nobody may write a file, or this user may not. What is not there yet can be written. */
export function isReadOnly(file: string): boolean {
  try {
    // The administrator may write everything, also what is meant to stay as it is.
    if ((statSync(file).mode & anyoneMayWrite) === 0) return true;
    accessSync(file, constants.W_OK);
    return false;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EROFS' || code === 'EPERM';
  }
}

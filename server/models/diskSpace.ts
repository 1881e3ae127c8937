import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { SlipstreamError } from '../../engine/index';
import { sizeText } from './sizes';

/** Bytes that this user may still write to the disk of a folder. */
export type FreeSpace = (folder: string) => Promise<number>;

/** Of the nearest folder above that exists, since a model's own is not there before its first download. */
export const freeSpace: FreeSpace = async (folder) => {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    const parent = path.dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw error;
    return await freeSpace(parent);
  }
};

/** A disk that is filled to its last byte makes other programs fail. */
const reserve = 256 * 2 ** 20;

/** @throws SlipstreamError disk-full */
export function checkSpace(bytes: number, free: number, folder: string): void {
  if (free >= bytes + reserve) return;
  throw new SlipstreamError(
    'disk-full',
    `There is not enough space for the model: ${sizeText(bytes)} are to be downloaded to ${folder}, and ${sizeText(free)} are free there, of which ${sizeText(reserve)} are left alone; free some space, or set SLIPSTREAM_DATA_DIR to a folder on another disk.`,
  );
}

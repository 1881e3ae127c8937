import type { OnBytes } from './downloadModel';
import { sizeText } from './sizes';

/** Not more often: each goes through the editor's window. */
const periodMs = 250;

/** Turns bytes into a line for people and a percentage, some times a second. */
export function progressOf(
  tell: (message: string, percentage: number) => void,
  now: () => number = Date.now,
): OnBytes {
  const start = now();
  let first: number | undefined;
  let last = Number.NEGATIVE_INFINITY;
  return (bytes, of) => {
    first ??= bytes;
    const time = now();
    if (time - last < periodMs && bytes < of) return;
    last = time;
    const rate = time - start < 1000 ? '' : `, ${sizeText((bytes - first) / ((time - start) / 1000))}/s`;
    tell(
      `${sizeText(bytes)} of ${sizeText(of)}${rate}`,
      of === 0 ? 0 : Math.min(100, Math.floor((100 * bytes) / of)),
    );
  };
}

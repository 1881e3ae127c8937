import { InvalidArgumentError } from 'commander';

export interface Target {
  readonly file: string;
  /** Counted from 1, as editors show it. */
  readonly line: number;
  /** UTF-16 units, counted from 1. */
  readonly column: number;
}

/** Reads `<file>:<line>:<column>`. The last two colons count: paths may have their own (`C:\a.ts:3:7`). */
export function parseTarget(text: string): Target {
  const match = /^(.+):(\d+):(\d+)$/s.exec(text);
  const [, file, line, column] = match ?? [];
  if (file === undefined || Number(line) < 1 || Number(column) < 1) {
    throw new InvalidArgumentError('Must be <file>:<line>:<column>, counted from 1.');
  }
  return { file, line: Number(line), column: Number(column) };
}

import { existsSync } from 'node:fs';
import path from 'node:path';
import { type BenchOptions, runBench, selectSuites } from '../bench/index';
import type { BenchMessage } from '../bench/message';
import { modelDirectory } from '../engine/options';
import { cacheDirectory } from '../paths';
import { CliFailure } from './failure';

export interface BenchFlags {
  model?: string;
  device?: NonNullable<BenchOptions['device']>;
  precision?: NonNullable<BenchOptions['precision']>;
  /** Random weights in place of models. */
  shapes?: NonNullable<BenchOptions['shapes']>;
  /** After so many, each suite that can ends with what it has. */
  seconds?: number;
  /** Folders of source to edit in place of the built-in text. */
  files?: string[];
  /** Of suites that measure several languages. */
  languages?: string[];
  json?: string;
  markdown?: string;
}

/**
 * Runs benchmark suites and prints their tables; `json` and `markdown` also write the reports to files. Tells a parent
 * process that has a channel to this one how it goes, and ends when that parent goes away.
 * @param signal ends it behind the suite that runs
 * @throws CliFailure if a folder is not there, of the files that are to be written too, or after the last suite if any has failed
 */
export async function bench(names: readonly string[], flags: BenchFlags, signal: AbortSignal): Promise<void> {
  const { json, markdown, model, files = [], ...rest } = flags;
  const sources = files.map((folder) => path.resolve(folder));
  const missing = sources.find((folder) => !existsSync(folder));
  if (missing !== undefined)
    throw new CliFailure(`${missing} cannot be read: there is no such folder; check the path.`);
  for (const file of [json, markdown].filter((name) => name !== undefined)) {
    const folder = path.dirname(path.resolve(file));
    if (!existsSync(folder))
      throw new CliFailure(`${file} cannot be written: there is no folder ${folder}; make it first.`);
  }
  const options = {
    root: path.resolve(__dirname, '..'),
    cacheDirectory: cacheDirectory(),
    ...(model === undefined ? {} : { modelDirectory: modelDirectory(model, process.cwd()) }),
    ...(sources.length === 0 ? {} : { sources }),
    ...rest,
    signal,
  };
  const print = (text: string) => void process.stdout.write(`${text}\n`);
  const leave = () => process.exit();
  if (process.send !== undefined) process.on('disconnect', leave);
  try {
    const output = { print, tell, jsonFile: json, markdownFile: markdown };
    const reports = await runBench(selectSuites(names), options, output);
    const failed = reports.filter(({ failure }) => failure !== undefined).map(({ suite }) => suite);
    if (failed.length > 0)
      throw new CliFailure(`Not measured: ${failed.join(', ')}; the reasons stand above.`);
  } finally {
    // An open channel would keep this process alive.
    process.off('disconnect', leave);
    if (process.connected) process.disconnect();
  }
}

/** A log keeps what it is told, so that it is told less than a terminal: milliseconds between two lines. */
const quietMs = 20_000;
let lastLine = 0;

function tell(message: BenchMessage): Promise<void> {
  const isDue = process.stderr.isTTY || (process.send === undefined && Date.now() - lastLine > quietMs);
  if (message.kind === 'progress' && isDue) {
    lastLine = Date.now();
    process.stderr.write(`${message.suite}: ${message.line}\n`);
  }
  // Waiting until it is written: what is still on its way when the process ends is lost.
  return new Promise((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}

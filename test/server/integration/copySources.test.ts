import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, startEngine } from '../../../engine/index';
import { createPlayer } from '../../../server/cli/replay';
import type { TraceEvent } from '../../../server/cli/trace';
import type { CompletionResult } from '../../../server/completion/result';
import { toJson } from '../../../server/completion/result';
import { engineOptions } from '../../../server/engine/options';
import { defaultSettings, type Settings } from '../../../server/protocol';
import { built } from './support';

const settings: Settings = { ...defaultSettings, maxTokens: 4, eagerness: 'eager' };
const uri = 'file:///work/here.ts';
const other = 'file:///work/other.ts';
/** Occurs nowhere but where a test puts it. */
const phrase = 'export const zebraQuotient = divideStripes(herdOfZebras, savannahWidth);\n';
const begun = `${'// padding\n'.repeat(6)}${phrase.slice(0, phrase.indexOf('('))}`;
const caret = { line: 6, character: phrase.indexOf('(') };
/** The engine indexes other texts once nothing has been asked for a moment. */
const idleMs = 1500;

let cacheDirectory: string;
let engine: Engine;

beforeAll(async () => {
  cacheDirectory = mkdtempSync(path.join(os.tmpdir(), 'slipstream-copies-'));
  engine = await startEngine({
    ...engineOptions({ ...settings, model: path.resolve('models/default') }, process.cwd()),
    cacheDirectory,
    workerPath: built('engineWorker.js'),
  });
});
afterAll(async () => {
  await engine.dispose();
  rmSync(cacheDirectory, { recursive: true, force: true });
});

/** Plays a session that completes twice at the end, with a pause in between; how the second one went. */
async function secondCompletion(session: readonly TraceEvent[], without: string[] = []) {
  const dependencies = {
    engine: { state: 'ready', engine } as const,
    // With healing the first pass verifies what was typed, and a model that then goes on otherwise never comes to copy.
    settings: { ...settings, without: ['healing', ...without] },
  };
  const play = createPlayer(dependencies, engine, new AbortController().signal);
  const complete: TraceEvent = { complete: { uri, position: caret } };
  for (const event of [...session, complete]) await play(event, 'test');
  await new Promise((resolve) => setTimeout(resolve, idleMs));
  const result = (await play(complete, 'test')) as CompletionResult;
  for (const opened of new Set(session.flatMap((event) => ('open' in event ? event.open.uri : []))))
    await play({ close: { uri: opened } }, 'test');
  return toJson(result);
}

const open = (where: string, text: string): TraceEvent => ({
  open: { uri: where, languageId: 'typescript', text },
});

describe('what another text says reaches the drafter', () => {
  test('nothing to copy: nothing is drafted', async () => {
    expect((await secondCompletion([open(uri, begun)])).drafted).toBe(0);
  });

  test('another open document is copied from, unless copying is off', async () => {
    const session = [open(other, `${phrase}\nexport {};\n`), open(uri, begun)];
    expect((await secondCompletion(session)).drafted).toBeGreaterThan(0);
    expect((await secondCompletion(session, ['copy'])).drafted).toBe(0);
  });

  test('text that was deleted is copied from', async () => {
    const whole = { line: 7, character: 0 };
    const removal: TraceEvent = {
      change: { uri, changes: [{ range: { start: { line: 6, character: 0 }, end: whole }, text: '' }] },
    };
    const typed: TraceEvent = {
      change: {
        uri,
        changes: [
          {
            range: { start: { line: 6, character: 0 }, end: { line: 6, character: 0 } },
            text: phrase.slice(0, phrase.indexOf('(')),
          },
        ],
      },
    };
    const text = `${'// padding\n'.repeat(6)}${phrase}`;
    expect((await secondCompletion([open(uri, text), removal, typed])).drafted).toBeGreaterThan(0);
  });
});

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type Editor, startEditor, withoutSuggestWidget } from './support/editor';
import { cartProject } from './support/sources';
import { openWorkbench, type Workbench } from './support/workbench';

let editor: Editor;
let workbench: Workbench;

afterEach(async () => {
  await workbench?.close();
  await editor?.stop();
});

async function calibrateWith(files: Readonly<Record<string, string>>): Promise<string> {
  editor = await startEditor({ files, settings: withoutSuggestWidget });
  workbench = await openWorkbench(editor);
  await workbench.waitForState('ready');
  await workbench.runCommand('Slipstream: Calibrate to This Workspace');
  const ended = /Cannot calibrate|is calibrated/;
  await expect.poll(async () => (await workbench.toasts()).join(), { timeout: 150_000 }).toMatch(ended);
  return (await workbench.toasts()).join();
}

test('a workspace with too little source says what is missing', async () => {
  expect(await calibrateWith(cartProject)).toMatch(/Cannot calibrate, because .+; choose a folder with/);
});

test('a workspace with enough of it is learned from, and the result is told', async () => {
  const source = (file: string) => readFileSync(path.join(import.meta.dirname, '../..', file), 'utf8');
  const files = Object.fromEntries(
    ['client/languageServer.ts', 'engine/prompt.ts'].map((file) => [path.basename(file), source(file)]),
  );
  const told = await calibrateWith(files);
  await workbench.screenshot('calibrated');
  expect(told).toMatch(
    /unsure from \d\.\d\d nats on \(before: \d\.\d\d\), which is at \d+\.\d % of \d+ tokens/,
  );
});

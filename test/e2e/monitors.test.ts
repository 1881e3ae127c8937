import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { type Editor, type EditorOptions, startEditor, withoutSuggestWidget } from './support/editor';
import { vesselMembers, vesselProject } from './support/sources';
import { openWorkbench, type Workbench } from './support/workbench';

let editor: Editor;
let workbench: Workbench;

async function open(options: EditorOptions) {
  editor = await startEditor({ ...options, settings: { ...withoutSuggestWidget, ...options.settings } });
  workbench = await openWorkbench(editor);
  await workbench.waitForState('ready');
}

afterEach(async () => {
  await workbench?.close();
  await editor?.stop();
});

const firstName = (text: string) => /^[\w$]*/.exec(text)?.[0] ?? '';

/** Takes the dot back and types it again: an answer that came too late for one completion is there for the next. */
async function dotAgain(): Promise<string> {
  await workbench.press('Escape');
  await workbench.press('Backspace');
  await workbench.type('.');
  return firstName(await workbench.ghostText());
}

test('behind a dot the ghost text begins with a member that exists', async () => {
  await open({ files: vesselProject });
  await workbench.caretToEnd();
  await workbench.type('  return vessel.');
  await expect.poll(dotAgain, { timeout: 60_000 }).toBeOneOf(vesselMembers);
  await workbench.screenshot('monitor');
  await workbench.press('Tab');
  await workbench.save();
  await expect
    .poll(() => /return vessel\.(\w*)/.exec(editor.read('harbour.ts'))?.[1])
    .toBeOneOf(vesselMembers);
  expect(await workbench.toasts()).toEqual([]);
});

test('with monitors switched off the model writes what it likes', async () => {
  await open({ files: vesselProject, settings: { 'slipstream.without': ['monitor'] } });
  await workbench.caretToEnd();
  await workbench.type('  return vessel.');
  const name = await dotAgain();
  await workbench.screenshot('monitor-off');
  expect(name).not.toBeOneOf(vesselMembers);
});

test('no language server is started for a workspace before it is trusted, and completions come all the same', async () => {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'slipstream-untrusted-'));
  onTestFinished(() => rmSync(scratch, { recursive: true, force: true }));
  const diary = path.join(scratch, 'diary');
  const command = [process.execPath, path.resolve('test/server/monitors/languageServer/fakeServer.mjs')];
  await open({
    files: { 'main.lua': 'local box = require("box")\n\nlocal function size()\n' },
    file: 'main.lua',
    settings: { 'slipstream.languageServers': { lua: [...command, 'answers', diary] } },
    isUntrusted: true,
  });
  await workbench.caretToEnd();
  await workbench.type('  return box.');
  const name = await dotAgain();
  await workbench.screenshot('untrusted');
  expect(name).not.toBe('');
  expect(existsSync(diary)).toBe(false);

  await workbench.runCommand('Workspaces: Manage Workspace Trust');
  await workbench.page.locator('.workspace-trust-editor .monaco-button', { hasText: /^Trust$/ }).click();
  await workbench.page.getByRole('button', { name: 'Close Modal Editor' }).click();
  await workbench.caretToEnd();
  await expect
    .poll(async () => {
      await dotAgain();
      return existsSync(diary) ? readFileSync(diary, 'utf8') : '';
    })
    .toMatch(/^start\n(?:.*\n)*completion\n/);
  await workbench.screenshot('trusted');
  expect(await workbench.toasts()).toEqual([]);
});

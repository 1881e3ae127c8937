import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Editor, startEditor, withoutSuggestWidget } from './support/editor';
import { cartProject } from './support/sources';
import { openWorkbench, type Workbench } from './support/workbench';

const missing = '/nowhere/no-such-model';
let editor: Editor;
let workbench: Workbench;

beforeAll(async () => {
  const settings = { ...withoutSuggestWidget, 'slipstream.model': missing };
  editor = await startEditor({ files: cartProject, settings });
  workbench = await openWorkbench(editor);
});

afterAll(async () => {
  await workbench?.close();
  await editor?.stop();
});

test('a model that is not there: the status item says why, the editor goes on, no message box', async () => {
  await workbench.waitForState('failed');
  await workbench.caretToEnd();
  await workbench.type('const stillTyping = 1;');
  await workbench.save();
  const rows = await workbench.openStatusMenu();
  await workbench.screenshot('failed');
  await workbench.press('Escape');

  expect(rows[0]).toContain('failed');
  expect(rows[0]).toContain(missing);
  await expect.poll(() => editor.read('cart.ts')).toContain('const stillTyping = 1;');
  expect(await workbench.toasts()).toEqual([]);
});

test('Trigger Completion then explains why there is none', async () => {
  await workbench.runCommand('Slipstream: Trigger Completion');
  const first = workbench.page.locator('.quick-input-widget .monaco-list-row').first();
  await expect.poll(() => first.textContent()).toContain(missing);
  await workbench.press('Escape');
});

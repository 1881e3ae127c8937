import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Editor, startEditor, withoutSuggestWidget } from './support/editor';
import { openWorkbench, type Workbench } from './support/workbench';

const key = 'sk_live_4242canary';

let editor: Editor;
let workbench: Workbench;

beforeAll(async () => {
  editor = await startEditor({
    files: { '.env': `SERVICE=orders\nSERVICE_KEY=${key}\n`, 'main.ts': 'export const a = 1;\n' },
    file: '.env',
    settings: withoutSuggestWidget,
  });
  workbench = await openWorkbench(editor);
});

afterAll(async () => {
  await workbench?.close();
  await editor?.stop();
});

test('a file with keys is off, says why, and the trace shows that the model was never asked', async () => {
  await workbench.waitForState('off here');
  await workbench.caretToEnd();
  await workbench.type('SERVICE_KEY_COPY=');
  // As long as a completion may take at most, and then some.
  await workbench.page.waitForTimeout(1500);
  expect(await workbench.ghostTextIsShown()).toBe(false);

  const rows = await workbench.openStatusMenu();
  await workbench.screenshot('secret-file');
  await workbench.press('Escape');
  expect(rows.slice(0, 3).join(' ')).toMatch(/off here[\s\S]*holds keys or passwords/);

  await workbench.runCommand('Slipstream: Open Completion Trace');
  const trace = workbench.page.locator('.editor-instance .view-lines', { hasText: 'secret-file' }).first();
  await trace.waitFor();
  const text = ((await trace.textContent()) ?? '').replaceAll('\u00a0', ' ');
  await workbench.screenshot('secret-file-trace');
  expect(text).toContain('empty secret-file');
  // Whatever the engine is asked is a prompt with tokens.
  expect(text).not.toMatch(/prompt \d/);
  expect(text).not.toContain(key);
  expect(editor.log()).not.toContain(key);
});

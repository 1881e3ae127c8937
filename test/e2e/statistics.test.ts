import { existsSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chooseTheme, saveProposed } from './support/dialogs';
import { type Editor, startEditor, withoutSuggestWidget } from './support/editor';
import { cartProject } from './support/sources';
import { openWorkbench, type Workbench } from './support/workbench';

let editor: Editor;
let workbench: Workbench;
let view: FrameLocator;

beforeAll(async () => {
  editor = await startEditor({ files: cartProject, settings: withoutSuggestWidget });
  workbench = await openWorkbench(editor);
  await workbench.waitForState('ready');
  view = workbench.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
  await workbench.caretToEnd();
});

afterAll(async () => {
  await workbench?.close();
  await editor?.stop();
});

const summary = () => view.locator('.summary').textContent();
const counts = async () => {
  const [, shown, accepted] = /: (\d+) shown, (\d+) accepted/.exec((await summary()) ?? '') ?? [];
  return { shown: Number(shown), accepted: Number(accepted) };
};

test('what was shown and accepted is counted and drawn', async () => {
  await workbench.type('    total += item.');
  await workbench.ghostText();
  await workbench.press('Tab');
  await expect.poll(() => workbench.ghostTextIsShown()).toBe(false);
  await workbench.type('\n    const other = item.');
  await workbench.ghostText();
  await workbench.press('Control+ArrowRight');

  await workbench.runCommand('Slipstream: Show Statistics');
  await view.locator('h1').waitFor({ timeout: 30_000 });
  const refreshed = async () => {
    await view.getByRole('button', { name: 'Refresh' }).click();
    return counts();
  };
  await expect.poll(refreshed).toMatchObject({ accepted: 2 });
  expect((await counts()).shown).toBeGreaterThanOrEqual(2);
  await view.locator('section .scroll tr', { hasText: '%' }).first().waitFor();
  const charts = await view.locator('figcaption').allTextContents();
  expect(charts).toContain('Shown and accepted, by language');
  expect(charts).toContain('Time to the answer, by source');
  await workbench.screenshot('statistics');
  expect(await workbench.toasts()).toEqual([]);
});

test('the view is worked with the keyboard, and every chart can be read as a table', async () => {
  await view.getByRole('button', { name: 'Refresh' }).focus();
  await workbench.press('Enter');
  await expect.poll(() => focused()).toBe('Refresh');
  await workbench.press('Tab');
  expect(await focused()).toBe('Export JSON…');
  await workbench.press('Tab');
  expect(await focused()).toBe('Reset…');
  await workbench.press('Tab');
  expect(await focused()).toMatch(/^Values in /);
  await workbench.press('Enter');
  await view.locator('details[open] table').first().waitFor();
  for (const canvas of await view.locator('canvas').all())
    expect(await canvas.getAttribute('aria-label')).toMatch(/, in .*; the values stand below$/);
  expect(await view.locator('.summary').getAttribute('role')).toBe('status');
});

test('they are exported as JSON, without any text of the source', async () => {
  await view.getByRole('button', { name: 'Export JSON' }).click();
  const name = 'slipstream-statistics.json';
  await saveProposed(workbench, name);
  await expect.poll(() => existsSync(path.join(editor.workspace, name))).toBe(true);
  await expect.poll(() => editor.read(name)).toContain('"typescript"');
  expect(editor.read(name)).not.toMatch(/item|cart|total/);
});

test('in high contrast they can be read', async () => {
  await chooseTheme(workbench, 'Dark High Contrast');
  await view.locator('body.vscode-high-contrast').waitFor();
  await workbench.page.waitForTimeout(500);
  await workbench.screenshot('statistics-high-contrast');
});

test('a reset asks first, and then nothing is left', async () => {
  const dialog = () => workbench.page.locator('.monaco-dialog-box');
  await view.getByRole('button', { name: 'Reset' }).click();
  await dialog().getByText('Cancel').click();
  expect((await counts()).accepted).toBe(2);
  await view.getByRole('button', { name: 'Reset' }).click();
  await dialog().locator('.monaco-button', { hasText: 'Reset' }).click();
  await expect.poll(summary).toContain('Nothing has been counted yet');
});

function focused(): Promise<string | null> {
  return view.locator(':focus').textContent();
}

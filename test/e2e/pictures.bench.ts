/**
 * Takes the pictures of the walkthrough and the README from the real product:
 *
 *   SLIPSTREAM_CHROMIUM=... SLIPSTREAM_VSIX=... npx vitest run --project editor-bench test/e2e/pictures.bench.ts
 */
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { chooseSuites } from './support/dialogs';
import { type Editor, startEditor, withoutSuggestWidget } from './support/editor';
import { cartProject } from './support/sources';
import { openWorkbench, type Workbench } from './support/workbench';

vi.setConfig({ hookTimeout: 180_000 });

const folder = path.resolve('client/walkthrough');
let editor: Editor;
let workbench: Workbench;

beforeAll(async () => {
  const settings = {
    ...withoutSuggestWidget,
    'slipstream.eagerness': 'eager',
    'editor.inlineSuggest.showToolbar': 'onHover',
    'editor.fontSize': 16,
    'workbench.colorTheme': 'Default Dark Modern',
    'workbench.activityBar.location': 'hidden',
    'breadcrumbs.enabled': false,
  };
  editor = await startEditor({ files: cartProject, settings });
  workbench = await openWorkbench(editor);
  await workbench.waitForState('ready');
  await workbench.page.setViewportSize({ width: 900, height: 560 });
  await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
  await workbench.caretToEnd();
});

afterAll(async () => {
  await workbench?.close();
  await editor?.stop();
});

const take = (name: string, what: Locator = workbench.page.locator('.editor-instance').first()) =>
  what.screenshot({ path: path.join(folder, `${name}.png`), caret: 'initial' });

const ghost = () => workbench.page.locator('[class*="ghost-text"]:not(:empty)').first();

test('ghost text, a part of it taken, and alternatives', async () => {
  await workbench.type('    total +');
  await workbench.ghostText();
  await workbench.page.waitForTimeout(1000);
  await take('try');
  await workbench.press('Control+ArrowRight');
  await workbench.page.waitForTimeout(500);
  await workbench.ghostText();
  await take('partial');
  await workbench.press('Escape');
  for (const start of ['\nconst ', '\nif (', '\nreturn ', '\nlet ']) {
    await workbench.press('End');
    await workbench.type(start);
    await workbench.runCommand('Slipstream: Trigger Completion');
    await workbench.ghostText();
    await ghost().hover();
    const hints = workbench.page.locator('.inlineSuggestionsHints').first();
    await hints.waitFor();
    if (/1\/[2-9]/.test((await hints.textContent()) ?? '')) break;
    await workbench.press('Escape');
  }
  await take('alternatives');
  await workbench.press('Tab');
});

test('the trace', async () => {
  await workbench.runCommand('View: Close All Editors');
  await workbench.runCommand('Slipstream: Open Completion Trace');
  const lines = workbench.page.locator('.view-lines', { hasText: 'request' }).first();
  await lines.waitFor();
  await workbench.page.waitForTimeout(1500);
  await take('trace');
});

test('the statistics', async () => {
  await workbench.runCommand('View: Close All Editors');
  await workbench.runCommand('Slipstream: Show Statistics');
  const view = workbench.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
  await view.locator('canvas').first().waitFor();
  await workbench.page.waitForTimeout(1500);
  await take('statistics');
});

test('the models', async () => {
  await workbench.runCommand('Slipstream: Choose Model');
  const list = workbench.page.locator('.quick-input-widget');
  await list.locator('.monaco-list-row').nth(1).waitFor();
  await take('model', list);
  await workbench.press('Escape');
});

test('the benchmark', async () => {
  await workbench.press('Control+k');
  await workbench.press('Control+w');
  await chooseSuites(workbench, 'startup');
  await workbench.press('Enter');
  const report = workbench.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
  await report.locator('canvas').first().waitFor({ timeout: 300_000 });
  await workbench.page.waitForTimeout(1500);
  await take('benchmark');
  expect(await report.locator('h1').textContent()).toBe('Slipstream Benchmark');
});

import { existsSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BenchReport } from '../../server/protocol';
import { chooseSuites, chooseTheme, saveProposed } from './support/dialogs';
import { type Editor, startEditor, withoutSuggestWidget } from './support/editor';
import { cartProject } from './support/sources';
import { openWorkbench, type Workbench } from './support/workbench';

let editor: Editor;
let workbench: Workbench;
let report: FrameLocator;

beforeAll(async () => {
  editor = await startEditor({ files: cartProject, settings: withoutSuggestWidget });
  workbench = await openWorkbench(editor);
  await workbench.waitForState('ready');
  report = workbench.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
});

afterAll(async () => {
  await workbench?.close();
  await editor?.stop();
});

const notification = () =>
  workbench.page.locator('.notifications-toasts .notification-list-item', {
    hasText: 'Slipstream benchmark',
  });

test('a benchmark that is running says what it measures, and ends when it is cancelled', async () => {
  await chooseSuites(workbench, 'startup');
  await workbench.screenshot('benchmark-suites');
  await workbench.press('Enter');
  await expect.poll(() => notification().textContent()).toContain('startup');
  await workbench.screenshot('benchmark-progress');
  await notification().getByText('Cancel').click();
  await expect.poll(() => notification().count()).toBe(0);
  expect(await workbench.page.locator('iframe.webview').count()).toBe(0);
});

test('the report has charts, the figures with their verdicts, and what could not be measured', async () => {
  await chooseSuites(workbench, 'startup', 'quality');
  await workbench.press('Enter');
  await report.locator('h1').waitFor({ timeout: 60_000 });
  await report.locator('section > .scroll table').waitFor();

  expect(await report.locator('h2').allTextContents()).toEqual(['startup', 'quality']);
  expect(
    await report
      .locator('section > .scroll tr', { hasText: 'process start to first completion' })
      .textContent(),
  ).toMatch(/\d+ ms.*<= 1500 ms(✓ met|✗ missed)/);
  // An installed extension has no held-out source.
  expect(await report.locator('.failure').textContent()).toContain('Not measured: ');
  expect(await paintedColors()).toBeGreaterThan(1);
  expect(await workbench.toasts()).toEqual([]);
});

test('it is exported as JSON and as Markdown', async () => {
  for (const [button, name] of [
    ['Export JSON', 'slipstream-benchmark.json'],
    ['Export Markdown', 'slipstream-benchmark.md'],
  ] as const) {
    await report.getByRole('button', { name: button }).click();
    await saveProposed(workbench, name);
    await expect.poll(() => existsSync(path.join(editor.workspace, name))).toBe(true);
  }
  await expect.poll(() => editor.read('slipstream-benchmark.md')).toContain('## startup');
  const reports: BenchReport[] = JSON.parse(editor.read('slipstream-benchmark.json'));
  expect(reports.map(({ suite }) => suite)).toEqual(['startup', 'quality']);
});

test('it is drawn anew in the colours of another theme', async () => {
  const pictures = new Set<unknown>();
  for (const [name, theme, kind] of [
    ['light', 'Light Modern', 'vscode-light'],
    ['high-contrast', 'Dark High Contrast', 'vscode-high-contrast'],
    ['high-contrast-light', 'Light High Contrast', 'vscode-high-contrast-light'],
    ['dark', 'Dark Modern', 'vscode-dark'],
  ] as const) {
    await chooseTheme(workbench, theme);
    await report.locator(`body.${kind}`).waitFor();
    await expect.poll(paintedColors).toBeGreaterThan(1);
    await workbench.screenshot(`benchmark-${name}`);
    pictures.add(await canvas().evaluate((node) => node.toDataURL()));
  }
  expect(pictures.size).toBe(4);
});

const canvas = () => report.locator('canvas').first();

/** How many colours the first chart has; an empty one has a single one. */
async function paintedColors(): Promise<number> {
  return await canvas().evaluate((node) => {
    const { data } = node.getContext('2d').getImageData(0, 0, node.width, node.height);
    return new Set(new Uint32Array(data.buffer)).size;
  });
}

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { chooseTheme, fillQuickInput } from './support/dialogs';
import { type Editor, startEditor, withoutSuggestWidget } from './support/editor';
import { cartProject } from './support/sources';
import { openWorkbench, type Workbench } from './support/workbench';

let editor: Editor;
let workbench: Workbench;

/** One of each class, so that a picture has all the colours. */
const saved = `# A trace that somebody has saved.

request 1  12:00:00.000  cart.ts:3:3  shown in 40.0ms  fresh
  place file:///work/cart.ts#L3,3  typescript  version 2  asked by typing
  text "quantity"
    + certain      model       95.0%  0.05n  "a"
    + likely       model       60.0%  0.90n  "b"
    + uncertain    model       10.0%  3.05n  "c"
    + copied       copy        99.0%  0.02n  "d"
    + constrained  model       50.0%  1.05n  "e"  instead of "price"
  = line-end
`;
const classes = ['certain', 'uncertain', 'copied', 'constrained'];

beforeAll(async () => {
  const files = { ...cartProject, 'saved.slipstream-trace': saved };
  editor = await startEditor({ files, settings: withoutSuggestWidget });
  workbench = await openWorkbench(editor);
  await workbench.waitForState('ready');
  await workbench.caretToEnd();
});

afterAll(async () => {
  await workbench?.close();
  await editor?.stop();
});

const lines = () =>
  workbench.page.locator('.editor-group-container .view-lines', { hasText: 'request' }).last();
const textOf = async () => ((await lines().textContent()) ?? '').replaceAll('\u00a0', ' ');

test('after a completion the trace shows what it was made of, beside the source, and keeps up', async () => {
  await workbench.type('    total += item.');
  const ghost = await workbench.ghostText();
  await workbench.runCommand('Slipstream: Open Completion Trace');
  await lines().waitFor();
  await expect.poll(textOf).toMatch(/request \d+ .*cart\.ts:18:\d+ {2}shown in/);
  expect(await textOf()).toContain(ghost.trim().slice(0, 10));
  expect(await textOf()).toMatch(/\+ (certain|likely|uncertain|copied|constrained) /);
  await workbench.screenshot('trace');

  const requests = async () => Number(/request (\d+)/.exec(await textOf())?.[1]);
  const before = await requests();
  await workbench.press('Control+1');
  await workbench.caretToEnd();
  await workbench.type('\n');
  await expect.poll(requests).toBeGreaterThan(before);
  expect(await workbench.toasts()).toEqual([]);
});

test('there is one of it, however often it is opened and from where', async () => {
  // The second time it has the focus itself.
  for (let count = 0; count < 2; count++) {
    await workbench.runCommand('Slipstream: Open Completion Trace');
    await workbench.page.waitForTimeout(500);
  }
  expect(await workbench.page.locator('.editor-group-container').count()).toBe(2);
});

test('its requests fold, its tokens explain themselves, and its places lead to the source', async () => {
  await workbench.runCommand('Slipstream: Open Completion Trace');
  await workbench.page.waitForTimeout(1000);
  const details = () =>
    lines()
      .locator('.view-line', { hasText: /^\s+place/ })
      .count();
  expect(await details()).toBeGreaterThan(0);
  const token = lines()
    .locator('.view-line', { hasText: /\+\s\w+\s+model/ })
    .first();
  const hover = workbench.page.locator('.monaco-hover', { hasText: 'probability' });
  await vi.waitFor(
    async () => {
      // Under a mouse that rests where text comes up nothing is shown.
      await workbench.page.mouse.move(0, 0);
      await token.locator('span span').nth(2).hover();
      await hover.waitFor({ timeout: 3000 });
    },
    { timeout: 20_000 },
  );
  expect(await hover.textContent()).toMatch(/entropy: [\d.]+ nats, as if there were [\d.]+ equal choices/);
  await workbench.screenshot('trace-hover');
  await workbench.press('Escape');

  await workbench.runCommand('Fold All');
  await expect.poll(details).toBe(0);
  await workbench.screenshot('trace-folded');
  await workbench.runCommand('Unfold All');
  await expect.poll(details).toBeGreaterThan(0);
  const link = lines().locator('.detected-link').first();
  // Its middle may lie behind the edge of the window.
  await link.click({ modifiers: ['Control'], position: { x: 20, y: 5 } });
  await expect
    .poll(() => workbench.page.locator('.tab.active').last().getAttribute('data-resource-name'))
    .toBe('cart.ts');
});

test('certain, uncertain, copied and constrained tokens have colours of their own in every kind of theme', async () => {
  await workbench.runCommand('View: Close All Editors');
  await workbench.runCommand('Go to File');
  await fillQuickInput(workbench.page, 'saved.slipstream');
  await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: 'saved' }).first().waitFor();
  await workbench.press('Enter');
  await lines().waitFor();
  for (const theme of ['Light Modern', 'Dark High Contrast', 'Light High Contrast', 'Dark Modern']) {
    await chooseTheme(workbench, theme);
    await expect.poll(async () => new Set(await colors()).size).toBe(classes.length);
    await workbench.screenshot(`trace-${theme.toLowerCase().replaceAll(' ', '-')}`);
  }
});

function colors(): Promise<string[]> {
  return Promise.all(
    classes.map((name) =>
      lines()
        .locator('.view-line span span', { hasText: new RegExp(`^${name}$`) })
        .first()
        .evaluate((node) => node.ownerDocument.defaultView.getComputedStyle(node).color),
    ),
  );
}

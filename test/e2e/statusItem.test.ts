import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Editor, startEditor, withoutSuggestWidget } from './support/editor';
import { cartProject } from './support/sources';
import { openWorkbench, type Workbench } from './support/workbench';

let editor: Editor;
let workbench: Workbench;

beforeAll(async () => {
  editor = await startEditor({ files: cartProject, settings: withoutSuggestWidget });
  workbench = await openWorkbench(editor);
  await workbench.waitForState('ready');
  await workbench.caretToEnd();
});

afterAll(async () => {
  await workbench?.close();
  await editor?.stop();
});

test('a click on the status item lists the state with its reason, then the actions', async () => {
  await workbench.type('    total += item');
  await workbench.ghostText();
  const rows = await workbench.openStatusMenu();
  await workbench.screenshot('status-menu');
  await workbench.press('Escape');

  expect(rows[0]).toMatch(/Slipstream: (ready|working)[\s\S]*\S/);
  expect(rows[1]).toMatch(/Last request[\s\S]*\d+ ms/);
  const actions = rows.join('\n');
  for (const action of [
    'Disable',
    'Disable for typescript',
    'Open Completion Trace',
    'Show Statistics',
    'Choose Model…',
    'Run Benchmark…',
    'Show Log',
    'Restart Server',
    'Open Settings',
  ])
    expect(actions).toContain(action);
});

test('the log says what happened', async () => {
  await workbench.runCommand('Slipstream: Show Log');
  const panel = workbench.page.locator('.output-view, .part.panel .view-lines').first();
  await panel.waitFor();
  await expect.poll(() => panel.textContent()).toMatch(/\d\s+ms/);
  await workbench.screenshot('log');
  await workbench.press('Control+j');
});

test('disabled for this language: no ghost text and "off here"; enabled again: ghost text', async () => {
  await workbench.caretToEnd();
  await workbench.press('Escape');
  await workbench.runCommand('Slipstream: Disable for Current Language');
  await workbench.waitForState('off here');
  await workbench.caretToEnd();
  await workbench.type('\nconst sum = total');
  // As long as a completion may take at most, and then some.
  await workbench.page.waitForTimeout(1500);
  expect(await workbench.ghostTextIsShown()).toBe(false);
  const rows = await workbench.openStatusMenu();
  await workbench.screenshot('off-here');
  await workbench.press('Escape');
  expect(rows[0]).toMatch(/off here[\s\S]*typescript/i);

  await workbench.runCommand('Slipstream: Enable for Current Language');
  await workbench.waitForState('ready');
  await workbench.caretToEnd();
  await workbench.type('\nconst item = items');
  await workbench.ghostText();
});

test('the server can be restarted and completes again', async () => {
  const before = editor.languageServers();
  await workbench.runCommand('Slipstream: Restart Server');
  await completesInAnotherProcess(before);
});

test('a language server that dies is started again without a message box', async () => {
  const before = editor.languageServers();
  for (const id of before) process.kill(id, 'SIGKILL');
  await completesInAnotherProcess(before);
});

test('one that dies while it starts is started again without a message box', async () => {
  const before = editor.languageServers();
  const started = () => editor.languageServers().filter((id) => !before.includes(id));
  await workbench.runCommand('Slipstream: Restart Server');
  await expect.poll(started, { interval: 5 }).toHaveLength(1);
  const [killed = 0] = started();
  process.kill(killed, 'SIGKILL');
  await completesInAnotherProcess([...before, killed]);
});

async function completesInAnotherProcess(before: readonly number[]): Promise<void> {
  const isAnother = ([id, ...more]: number[]) =>
    id !== undefined && more.length === 0 && !before.includes(id);
  await expect.poll(() => isAnother(editor.languageServers()), { timeout: 20_000 }).toBe(true);
  await workbench.waitForState('ready');
  await workbench.caretToEnd();
  await workbench.type('\nconst quantity = item.');
  await workbench.ghostText();
  expect(isAnother(editor.languageServers())).toBe(true);
  expect(await workbench.toasts()).toEqual([]);
}

test('the walkthrough has its steps, each with a picture', async () => {
  await workbench.runCommand('Open Walkthrough');
  const row = workbench.page.locator('.quick-input-list .monaco-list-row', {
    hasText: 'Get Started with Slipstream',
  });
  await row.first().click();
  const steps = workbench.page.locator('.getting-started-step');
  await expect.poll(() => steps.count()).toBe(6);
  await workbench.screenshot('walkthrough');
  const picture = workbench.page.locator('.getting-started-media img').first();
  await picture.waitFor({ state: 'attached' });
  const [address = ''] = ((await picture.getAttribute('srcset')) ?? '').split(' ');
  const answer = await workbench.page.request.get(address);
  expect((await answer.body()).toString('latin1', 1, 4)).toBe('PNG');
});

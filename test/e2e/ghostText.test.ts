import { afterEach, expect, test } from 'vitest';
import { type Editor, startEditor, withoutSuggestWidget } from './support/editor';
import { cartProject } from './support/sources';
import { openWorkbench, type Workbench } from './support/workbench';

let editor: Editor;
let workbench: Workbench;

async function open(settings: Record<string, unknown>) {
  editor = await startEditor({ files: cartProject, settings });
  workbench = await openWorkbench(editor);
  await workbench.waitForState('ready');
  await workbench.caretToEnd();
}

afterEach(async () => {
  await workbench?.close();
  await editor?.stop();
});

test('typing in a TypeScript file shows ghost text of the model, and Tab accepts it', async () => {
  await open(withoutSuggestWidget);
  await workbench.type('    total += item.');
  const ghost = await workbench.ghostText();
  await workbench.screenshot('ghost-text');
  await workbench.press('Tab');
  await workbench.screenshot('ghost-text-accepted');
  await workbench.save();

  expect(ghost.trim()).not.toBe('');
  await expect.poll(() => editor.read('cart.ts')).toContain(`total += item.${ghost}`);
  expect(await workbench.toasts()).toEqual([]);
});

// Who gets the Tab there depends on the suggest widget, which opens 750 ms after the last key on a busy machine.
test("ghost text appears under VS Code's default quick suggestions", async () => {
  await open({});
  await workbench.type('    total += item');
  const ghost = await workbench.ghostText();
  await workbench.screenshot('ghost-text-default-suggestions');

  expect(ghost.trim()).not.toBe('');
  expect(await workbench.toasts()).toEqual([]);
});

test('what is held back while typing says why, is shown when asked for, and has alternatives', async () => {
  // With monitors there are three names to choose from, and the model is sure enough of one.
  const settings = { 'slipstream.eagerness': 'quiet', 'slipstream.without': ['monitor'] };
  await open({ ...withoutSuggestWidget, ...settings });
  await workbench.type('    total += item.');
  const lastRequest = async () => {
    const rows = await workbench.openStatusMenu();
    await workbench.press('Escape');
    return rows.find((row) => row.includes('Last request'));
  };
  await expect.poll(lastRequest, { timeout: 20_000, interval: 1000 }).toContain('not sure enough');
  expect(await workbench.ghostTextIsShown()).toBe(false);

  // The click on the status item has taken the focus.
  await workbench.press('Control+1');
  await workbench.press('Alt+Backslash');
  const first = await workbench.ghostText();
  await workbench.screenshot('ghost-text-asked-for');
  await workbench.press('Alt+BracketRight');
  await expect.poll(() => workbench.ghostText()).not.toBe(first);
  await workbench.screenshot('ghost-text-alternative');
  expect(await workbench.toasts()).toEqual([]);
});

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

test('a completion goes on while it is typed, comes back after backspace, and is accepted word by word', async () => {
  const settings = { ...withoutSuggestWidget, 'editor.autoClosingBrackets': 'never' };
  editor = await startEditor({ files: cartProject, settings });
  workbench = await openWorkbench(editor);
  await workbench.waitForState('ready');
  await workbench.caretToEnd();
  await workbench.type('    total += ');
  const whole = await workbench.ghostText();
  await workbench.screenshot('type-through-shown');
  expect(whole.length).toBeGreaterThan(4);

  await workbench.type(whole.slice(0, 2));
  await expect.poll(() => workbench.ghostText()).toBe(whole.slice(2));
  await workbench.screenshot('type-through-typed');
  await workbench.press('Backspace');
  await expect.poll(() => workbench.ghostText()).toBe(whole.slice(1));

  await workbench.press('Control+ArrowRight');
  await expect.poll(async () => (await workbench.ghostText()).length).toBeLessThan(whole.length - 1);
  const rest = await workbench.ghostText();
  await workbench.screenshot('type-through-word-accepted');
  expect(whole.endsWith(rest)).toBe(true);
  await workbench.press('Tab');
  await workbench.save();

  await expect.poll(() => editor.read('cart.ts')).toContain(`total += ${whole}`);
  // What was typed and accepted in part was known: the engine was not asked again for it.
  expect(editor.log()).toContain('the rest of an earlier completion');
  expect(await workbench.toasts()).toEqual([]);
});

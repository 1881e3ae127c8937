/** What VS Code asks for in its quick input, answered as a person does. */
import { expect } from 'vitest';
import type { Workbench } from './workbench';

const quickInput = ({ page }: Workbench) => page.locator('.quick-input-widget');

/** Saves under the proposed name; a key pressed before the dialog has read the folder is lost, so it is pressed again. */
export async function saveProposed(workbench: Workbench, name: string): Promise<void> {
  const input = quickInput(workbench).locator('input').first();
  await expect.poll(() => input.inputValue()).toContain(name);
  for (let trials = 0; trials < 10; trials += 1) {
    await input.press('Enter');
    const isDone = await quickInput(workbench)
      .waitFor({ state: 'hidden', timeout: 2000 })
      .then(() => true)
      .catch(() => false);
    if (isDone) return;
  }
  throw new Error(`the dialog that saves ${name} stayed open`);
}

export async function chooseTheme(workbench: Workbench, theme: string): Promise<void> {
  // A webview keeps the keys to itself for a moment after its dialogs.
  await quickInput(workbench).waitFor({ state: 'hidden' });
  await workbench.page.locator('.sidebar .title-label').first().click();
  await workbench.runCommand('Preferences: Color Theme');
  await workbench.page.keyboard.type(theme, { delay: 10 });
  const row = workbench.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: theme });
  await row.waitFor();
  await workbench.press('Enter');
  await quickInput(workbench).waitFor({ state: 'hidden' });
}

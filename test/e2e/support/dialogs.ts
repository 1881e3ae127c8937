/** What VS Code asks for in its quick input, answered as a person does. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Workbench } from './workbench';

const quickInput = (page: Page) => page.locator('.quick-input-widget');

/** Its text, at once: of single keys some are lost while a list is drawn, and a half-written name finds other rows. */
export async function fillQuickInput(page: Page, text: string): Promise<void> {
  await quickInput(page).locator('input[type="text"]').first().fill(text);
}

export async function runCommand(page: Page, title: string): Promise<void> {
  await page.keyboard.press('F1');
  await fillQuickInput(page, `>${title}`);
  const escaped = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const exactly = new RegExp(`^(.*: )?${escaped}(…|\\.{3})?$`);
  const label = page.locator('.quick-input-list .label-name', { hasText: exactly }).first();
  await label.click({ timeout: 10_000 });
}

/** Opens the list of suites and leaves these chosen. */
export async function chooseSuites({ page }: Workbench, ...wanted: readonly string[]): Promise<void> {
  await runCommand(page, 'Slipstream: Run Benchmark');
  const rows = page.locator('.quick-input-list .monaco-list-row', { has: page.getByRole('checkbox') });
  await rows.filter({ hasText: 'startup' }).waitFor();
  for (const row of await rows.all()) {
    const box = row.getByRole('checkbox').first();
    if (await box.isChecked()) await row.click();
  }
  // The list is longer than its window: what is looked for comes to its top.
  for (const name of wanted) {
    await fillQuickInput(page, name);
    await rows.first().getByText(name, { exact: true }).click();
  }
  await fillQuickInput(page, '');
}

/** Saves under the proposed name; a key pressed before the dialog has read the folder is lost, so it is pressed again. */
export async function saveProposed(workbench: Workbench, name: string): Promise<void> {
  const input = quickInput(workbench.page).locator('input').first();
  await expect.poll(() => input.inputValue()).toContain(name);
  for (let trials = 0; trials < 10; trials += 1) {
    await input.press('Enter');
    const isDone = await quickInput(workbench.page)
      .waitFor({ state: 'hidden', timeout: 2000 })
      .then(() => true)
      .catch(() => false);
    if (isDone) return;
  }
  throw new Error(`the dialog that saves ${name} stayed open`);
}

export async function chooseTheme(workbench: Workbench, theme: string): Promise<void> {
  // A webview keeps the keys to itself for a moment after its dialogs.
  await quickInput(workbench.page).waitFor({ state: 'hidden' });
  await workbench.page.locator('.sidebar .title-label').first().click();
  await workbench.runCommand('Preferences: Color Theme');
  await fillQuickInput(workbench.page, theme);
  const row = workbench.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: theme });
  await row.waitFor();
  await workbench.press('Enter');
  await quickInput(workbench.page).waitFor({ state: 'hidden' });
}

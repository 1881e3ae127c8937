/** VS Code as a person uses it: what is on the screen, and the keys they press. */
import path from 'node:path';
import type { Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { openBrowser } from './browser';
import { runCommand } from './dialogs';
import type { Editor } from './editor';

export interface Workbench {
  readonly page: Page;
  /** Waits until the status item reads "Slipstream: <state>". */
  waitForState(state: string, timeoutMs?: number): Promise<void>;
  openStatusMenu(): Promise<string[]>;
  runCommand(title: string): Promise<void>;
  caretToEnd(): Promise<void>;
  type(text: string): Promise<void>;
  press(key: string): Promise<void>;
  /**
   * The first line of the ghost text, once there is some and it stays: each key may bring another suggestion, and what was
   * read between two of them is not what the next key accepts.
   */
  ghostText(timeoutMs?: number): Promise<string>;
  ghostTextIsShown(): Promise<boolean>;
  toasts(): Promise<string[]>;
  /** Asks for it; wait for the file to change. */
  save(): Promise<void>;
  /** Keeps a picture in test-artifacts/ for people to look at. */
  screenshot(name: string): Promise<void>;
  close(): Promise<void>;
}

const ghost = '[class*="ghost-text"]:not(:empty)';

/** Longer than the pause after a key, an answer and a picture of the editor take together. */
const settledMs = 700;

export async function openWorkbench(editor: Editor): Promise<Workbench> {
  const { page, close } = await openBrowser();
  await page.goto(editor.url, { waitUntil: 'domcontentloaded' });
  const editorLines = page.locator('.editor-instance .monaco-editor .view-lines').first();
  await editorLines.waitFor({ timeout: 60_000 });
  const statusItem = page.locator('.statusbar-item', { hasText: 'Slipstream:' });

  const caretToEnd = async () => {
    const focused = page.locator('.editor-instance .monaco-editor.focused');
    // Now and then a click leaves the page without any focus, and keys go nowhere.
    const click = async () => {
      await editorLines.click();
      expect(await focused.count()).toBeGreaterThan(0);
    };
    await vi.waitFor(click, { timeout: 15_000, interval: 700 });
    await page.keyboard.press('Control+End');
  };

  /** Of several lines the first: in the page those below it may come before. */
  const ghostTextNow = async () => {
    const parts = await page
      .locator(ghost)
      .evaluateAll((elements) =>
        elements
          .filter((element) => !elements.some((other) => other !== element && other.contains(element)))
          .map((element) => ({ text: element.textContent, top: element.getBoundingClientRect().top })),
      );
    const top = Math.min(...parts.map((part) => part.top));
    const first = parts.filter((part) => part.top < top + 4).map(({ text }) => text);
    return first.join('').replaceAll('\u00a0', ' ');
  };

  const screenshot = async (name: string) => {
    await page.screenshot({ path: path.join('test-artifacts', `${name}.png`) });
  };

  return {
    page,
    async close() {
      const { testPath = 'test' } = expect.getState();
      // What one wants to see where a test has failed.
      await screenshot(`last-${path.basename(testPath).split('.')[0]}`).catch(() => {});
      await close();
    },
    caretToEnd,
    async waitForState(state, timeoutMs = 60_000) {
      const item = (text: string) => page.locator('.statusbar-item', { hasText: `Slipstream: ${text}` });
      const failed = item('failed');
      try {
        await item(state).or(failed).first().waitFor({ timeout: timeoutMs });
      } catch (error) {
        await screenshot(`timeout-${state.replace(' ', '-')}`);
        const [shown = 'nothing'] = await statusItem.allTextContents();
        throw new Error(`the status item does not read ${state} but ${shown}`, { cause: error });
      }
      if (state !== 'failed' && (await failed.count()) > 0) {
        const reason = await failed.locator('[aria-label]').first().getAttribute('aria-label');
        throw new Error(`not ${state} but: ${reason}`);
      }
    },
    async openStatusMenu() {
      await statusItem.click();
      const rows = page.locator('.quick-input-widget .monaco-list-row');
      await rows.first().waitFor();
      return await rows.allInnerTexts();
    },
    async runCommand(title) {
      await runCommand(page, title);
    },
    async type(text) {
      await page.keyboard.type(text, { delay: 60 });
    },
    async press(key) {
      await page.keyboard.press(key);
    },
    async ghostText(timeoutMs = 20_000) {
      const end = Date.now() + timeoutMs;
      let text = '';
      let since = Date.now();
      while (text === '' || Date.now() - since < settledMs) {
        if (Date.now() > end)
          throw new Error(`no ghost text that stays within ${timeoutMs} ms; last: '${text}'`);
        await page.waitForTimeout(50);
        const now = await ghostTextNow();
        if (now !== text) since = Date.now();
        text = now;
      }
      return text;
    },
    async ghostTextIsShown() {
      return (await page.locator(ghost).count()) > 0;
    },
    async toasts() {
      return await page.locator('.notifications-toasts .notification-list-item').allInnerTexts();
    },
    async save() {
      await page.keyboard.press('Control+s');
    },
    screenshot,
  };
}

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Browser, openBrowser } from './support/browser';
import { type Editor, startEditor, withoutSuggestWidget } from './support/editor';
import { runInHost } from './support/hostRun';
import { cartProject } from './support/sources';

let editor: Editor;
let browser: Browser;

beforeAll(async () => {
  editor = await startEditor({ files: cartProject, settings: withoutSuggestWidget, testDriver: true });
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await editor?.stop();
});

test('the extension-host suite (also: npm run test:desktop)', { timeout: 180_000 }, async () => {
  const { page } = browser;
  const { code, log } = await runInHost(page, editor.url, 'out/hostTests.js');
  await page.screenshot({ path: 'test-artifacts/extension-host.png' });
  if (code !== 0) console.error(`${log.join('\n')}\n${editor.log()}`);
  expect(code).toBe(0);
});

import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Browser, openBrowser } from './support/browser';
import { type Editor, startEditor, withoutSuggestWidget } from './support/editor';
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
  const log: string[] = [];
  await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => {
    log.push(args.map(String).join(' '));
  });
  const exitCode = new Promise<number>((resolve) => {
    void page.exposeFunction('codeAutomationExit', resolve);
  });

  const url = new URL(editor.url);
  const inEditor = (file: string) => `vscode-remote://${url.host}${path.resolve(file)}`;
  const payload = [
    ['extensionDevelopmentPath', inEditor('.')],
    ['extensionTestsPath', inEditor('out/hostTests.js')],
  ];
  url.searchParams.set('payload', JSON.stringify(payload));
  await page.goto(url.href);
  const code = await exitCode;
  await page.screenshot({ path: 'test-artifacts/extension-host.png' });
  if (code !== 0) console.error(`${log.join('\n')}\n${editor.log()}`);
  expect(code).toBe(0);
});

import path from 'node:path';
import type { Page } from 'playwright-core';

/**
 * Runs a bundle in the extension host of an editor that was started with a test driver.
 * @param bundle exports `run`, which rejects on failure
 * @returns its exit code, and what it has written to the console
 */
export async function runInHost(
  page: Page,
  editorUrl: string,
  bundle: string,
): Promise<{ readonly code: number; readonly log: readonly string[] }> {
  const log: string[] = [];
  await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => {
    log.push(args.map(String).join(' '));
  });
  const exitCode = new Promise<number>((resolve) => {
    void page.exposeFunction('codeAutomationExit', resolve);
  });
  const url = new URL(editorUrl);
  const inEditor = (file: string) => `vscode-remote://${url.host}${path.resolve(file)}`;
  const payload = [
    ['extensionDevelopmentPath', inEditor('.')],
    ['extensionTestsPath', inEditor(bundle)],
  ];
  url.searchParams.set('payload', JSON.stringify(payload));
  await page.goto(url.href);
  return { code: await exitCode, log };
}

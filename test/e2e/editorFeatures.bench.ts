import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { EditorFeatures } from './host/bench';
import { openBrowser } from './support/browser';
import { startEditor, withoutSuggestWidget } from './support/editor';
import { runInHost } from './support/hostRun';

/** This project's own sources. */
function sources(): Record<string, string> {
  const files = ['tsconfig.json', 'package.json'];
  for (const folder of ['server', 'engine'])
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
      if (name.endsWith('.ts')) files.push(path.join(folder, name));
  return Object.fromEntries(files.map((file) => [file, readFileSync(file, 'utf8')]));
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;

test("the editor's own completions behind a dot, with monitors, without, and without completions", async () => {
  const editor = await startEditor({
    files: sources(),
    file: 'server/server.ts',
    settings: withoutSuggestWidget,
    testDriver: true,
  });
  onTestFinished(editor.stop);
  symlinkSync(path.resolve('node_modules'), path.join(editor.workspace, 'node_modules'));
  const browser = await openBrowser();
  onTestFinished(browser.close);
  const { code, log } = await runInHost(browser.page, editor.url, 'out/hostBench.js');
  expect(code, log.join('\n')).toBe(0);

  const times: EditorFeatures = JSON.parse(editor.read('editorFeatures.json'));
  const rows = Object.entries(times).map(([mode, all]) => {
    const sorted = all.toSorted((a, b) => a - b);
    return { mode, requests: all.length, p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95) };
  });
  const base = rows.find(({ mode }) => mode === 'none');
  for (const { mode, requests, p50, p95 } of rows)
    console.log(
      `${mode.padEnd(5)} ${requests} requests  p50 ${p50.toFixed(1)} ms (${(p50 / (base?.p50 ?? 1)).toFixed(2)}x)` +
        `  p95 ${p95.toFixed(1)} ms (${(p95 / (base?.p95 ?? 1)).toFixed(2)}x)`,
    );
  const answered = editor
    .log()
    .split('\n')
    .filter((line) => /: Shown after/.test(line));
  console.log(`${answered.length} completions were shown meanwhile`);
  expect(answered.length).toBeGreaterThan(0);
});

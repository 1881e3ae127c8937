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

const quantile = (all: readonly number[], share: number): number => {
  const sorted = all.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
};
const median = (all: readonly number[]) => quantile(all, 0.5);

/** The machine may be busy with other things for a while: rounds are compared with themselves. */
const ratio = (rounds: readonly number[][], base: readonly number[][]) =>
  median(rounds.map((round, at) => median(round) / median(base[at] ?? [])));

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
  for (const [mode, rounds] of Object.entries(times)) {
    const all = rounds.flat();
    const [p50, p95] = [median(all), quantile(all, 0.95)].map((ms) => ms.toFixed(1));
    const against = (['none', 'off'] as const).map((base) => ratio(rounds, times[base]).toFixed(2));
    console.log(
      `${mode.padEnd(5)} ${all.length} requests  p50 ${p50} ms  p95 ${p95} ms  ` +
        `${against[0]}x of no completions  ${against[1]}x of no monitors`,
    );
  }
  const answered = editor
    .log()
    .split('\n')
    .filter((line) => /: Shown after/.test(line));
  console.log(`${answered.length} completions were shown meanwhile`);
  expect(answered.length).toBeGreaterThan(0);
});

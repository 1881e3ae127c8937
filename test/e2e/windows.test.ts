import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Editor, startEditor, withFile, withoutSuggestWidget } from './support/editor';
import { cartProject } from './support/sources';
import { openWorkbench, type Workbench } from './support/workbench';

let editor: Editor;
let first: Workbench;
let second: Workbench;

beforeAll(async () => {
  const files = { ...cartProject, 'order.ts': cartProject['cart.ts'] };
  editor = await startEditor({ files, settings: withoutSuggestWidget });
  first = await openWorkbench(editor);
  await first.waitForState('ready');
  second = await openWorkbench(withFile(editor, 'order.ts'));
  await second.waitForState('ready');
});

afterAll(async () => {
  await first?.close();
  await second?.close();
  await editor?.stop();
});

/** The ONNX runtime, and with it the model, is loaded where it computes. */
const hosts = () =>
  editor.languageServers().filter((id) => readFileSync(`/proc/${id}/maps`, 'utf8').includes('onnxruntime'));

/** What is shown behind text that is typed at the end of the file. */
async function completed(workbench: Workbench, text: string): Promise<string> {
  await workbench.caretToEnd();
  await workbench.type(text);
  return (await workbench.ghostText()).trim();
}

test('two windows complete with one copy of the weights', async () => {
  expect(editor.languageServers()).toHaveLength(2);
  expect(hosts()).toHaveLength(1);
  const [host] = hosts();
  await expect
    .poll(() => editor.log())
    .toContain(`Another window holds it in memory for all (process ${host})`);
  expect(await completed(first, '    total += item.')).not.toBe('');
  expect(await completed(second, '    total += item.')).not.toBe('');
  expect(hosts()).toEqual([host]);
});

test('when the one that holds them is killed, the other completes on, and both share again', async () => {
  const [host = 0] = hosts();
  process.kill(host, 'SIGKILL');
  const killed = performance.now();
  expect(await completed(second, 'price;\nif (item.')).not.toBe('');
  // Keys, the round trips of a browser and a model that is loaded on a busy machine; `bench startup` measures it alone.
  expect(performance.now() - killed).toBeLessThan(10_000);
  await second.screenshot('windows-second');

  // The editor starts the killed server anew.
  await expect.poll(() => editor.languageServers().length, { timeout: 20_000 }).toBe(2);
  await first.waitForState('ready');
  expect(await completed(first, 'price;\nif (item.')).not.toBe('');
  await first.screenshot('windows-first');
  expect(hosts()).toHaveLength(1);
  expect(hosts()).not.toContain(host);
  expect([await first.toasts(), await second.toasts()]).toEqual([[], []]);
});

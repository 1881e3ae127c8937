import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FakeHub, startHub } from '../support/hub';
import { writeTinyModel } from '../support/tinyModel';
import { fillQuickInput } from './support/dialogs';
import { type Editor, startEditor, withoutSuggestWidget } from './support/editor';
import { cartProject } from './support/sources';
import { openWorkbench, type Workbench } from './support/workbench';

const repository = 'tiny/model';
let scratch: string;
let hub: FakeHub;
let editor: Editor;
let workbench: Workbench;

beforeEach(async () => {
  scratch = mkdtempSync(path.join(tmpdir(), 'slipstream-hub-'));
  await writeTinyModel(scratch, { architecture: 'qwen2', seed: 1, hidden: 128, intermediate: 512 });
  const names = readdirSync(scratch);
  hub = await startHub(
    repository,
    new Map(names.map((name) => [name, readFileSync(path.join(scratch, name))])),
  );
  const settings = { ...withoutSuggestWidget, 'slipstream.hub': { endpoint: hub.endpoint } };
  editor = await startEditor({ files: cartProject, settings });
  workbench = await openWorkbench(editor);
  await workbench.waitForState('ready');
});
afterEach(async () => {
  await workbench?.close();
  await editor?.stop();
  await hub?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const rows = () => workbench.page.locator('.quick-input-widget .monaco-list-row');
const dialog = () => workbench.page.locator('.monaco-dialog-box');

async function choose(label: string): Promise<void> {
  await workbench.runCommand('Slipstream: Choose Model…');
  await rows().filter({ hasText: 'on this machine' }).first().waitFor();
  await fillQuickInput(workbench.page, label);
  await rows().filter({ hasText: label }).first().click();
}

async function askFor(name: string): Promise<void> {
  await choose('Another model of the hub');
  await workbench.page.locator('.quick-input-message', { hasText: 'owner/name' }).waitFor();
  await fillQuickInput(workbench.page, name);
  await workbench.press('Enter');
}

const press = (button: string) => dialog().locator('.monaco-button', { hasText: button }).first().click();

async function toast(says: RegExp): Promise<void> {
  await expect.poll(async () => (await workbench.toasts()).join('\n'), { timeout: 60_000 }).toMatch(says);
}

const modelSetting = () => JSON.parse(editor.read('../data/User/settings.json'))['slipstream.model'];

test('a model is chosen, looked at, downloaded and used; then deleted again', async () => {
  await workbench.runCommand('Slipstream: Choose Model…');
  await rows()
    .filter({ hasText: 'qwen2.5-coder-0.5b' })
    .or(rows().filter({ hasText: 'Qwen/Qwen2.5-Coder-0.5B' }))
    .first()
    .waitFor();
  await workbench.screenshot('models-list');
  expect(hub.requests).toEqual([]);
  await workbench.press('Escape');

  await askFor(repository);
  await dialog().waitFor();
  await workbench.screenshot('models-offer');
  const offer = await dialog().textContent();
  expect(offer).toContain(`Download ${repository}?`);
  expect(offer).toContain('Licence: apache-2.0');
  expect(offer).toMatch(/Size: [\d.]+ [KM]B/);
  expect(hub.requests.filter(({ url }) => url.includes('/resolve/'))).toEqual([]);

  await press('Download');
  await toast(/tiny\/model is downloaded and checked/);
  await workbench.screenshot('models-downloaded');
  await expect.poll(modelSetting).toMatch(/models.tiny--model$/);
  await expect
    .poll(async () => (await workbench.openStatusMenu()).join(), { timeout: 60_000 })
    .toContain('tiny--model');
  await workbench.press('Escape');

  await choose('Delete a download');
  await rows().filter({ hasText: 'tiny--model' }).first().click();
  await dialog().waitFor();
  await press('Delete');
  await expect.poll(modelSetting).toBeUndefined();
});

test('what stands in the way is told in a sentence, and a download that is cancelled can go on', async () => {
  await askFor('nobody/nothing');
  await toast(/hub does not have it \(404\); check the name/);

  hub.mischief = (request, response) => {
    if (!request.url?.endsWith('.safetensors')) return false;
    const bytes = hub.files.get('model.safetensors') as Buffer;
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, 100_000));
    return true;
  };
  await askFor(repository);
  await dialog().waitFor();
  await press('Download');
  await toast(/Downloading tiny\/model[\s\S]* of /);
  await workbench.screenshot('models-downloading');
  const notification = workbench.page.locator('.notification-list-item', { hasText: 'Downloading' });
  await notification.hover();
  await notification.locator('.monaco-button', { hasText: 'Cancel' }).first().click();
  await expect.poll(async () => (await workbench.toasts()).join('\n')).not.toContain('Downloading');
  expect(modelSetting()).toBeUndefined();

  hub.mischief = undefined;
  await choose('tiny/model');
  await dialog().waitFor();
  expect(await dialog().textContent()).toMatch(/of which [\d.]+ [KM]B are already here/);
  await press('Cancel');
});

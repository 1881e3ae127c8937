import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { cartProject } from '../support/sources';

const extensionId = 'slipstream.slipstream';
const enabled = () => vscode.workspace.getConfiguration('slipstream').get<Record<string, boolean>>('enable');

/** Ids of this extension host's language servers. */
function languageServers(): string[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids.filter((id) => {
    try {
      const [, parent] = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${id}/status`, 'utf8')) ?? [];
      const [, script = ''] = readFileSync(`/proc/${id}/cmdline`, 'utf8').split('\0');
      return parent === String(process.pid) && script.endsWith('dist/server.js');
    } catch {
      // It ended in the meantime.
      return false;
    }
  });
}

async function openTypeScript(content: string): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument({ language: 'typescript', content });
  const editor = await vscode.window.showTextDocument(document);
  const end = document.positionAt(content.length);
  editor.selection = new vscode.Selection(end, end);
  return editor;
}

async function waitFor(
  what: string,
  holds: () => boolean | Promise<boolean>,
  timeoutMs = 30_000,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > end) assert.fail(`timed out waiting until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

describe('Slipstream in the extension host', () => {
  before(async () => {
    const extension = vscode.extensions.getExtension(extensionId);
    assert.ok(extension, `${extensionId} is not installed`);
    await extension.activate();
  });

  afterEach(async () => {
    await vscode.workspace
      .getConfiguration('slipstream')
      .update('enable', undefined, vscode.ConfigurationTarget.Global);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('registers every command of package.json', async () => {
    const registered = await vscode.commands.getCommands(true);
    const contributed: { command: string }[] =
      vscode.extensions.getExtension(extensionId)?.packageJSON.contributes.commands;
    const commands = contributed.map(({ command }) => command);
    assert.ok(commands.length > 0);
    assert.deepEqual(
      commands.filter((command) => !registered.includes(command)),
      [],
    );
  });

  it('has a default for every setting', () => {
    const configuration = vscode.workspace.getConfiguration('slipstream');
    const { properties } =
      vscode.extensions.getExtension(extensionId)?.packageJSON.contributes.configuration ?? {};
    for (const name of Object.keys(properties ?? {})) {
      const values = configuration.inspect(name.slice('slipstream.'.length));
      assert.notEqual(values?.defaultValue, undefined, name);
    }
  });

  it('opens trace documents in their own language', async () => {
    const uri = vscode.Uri.parse('untitled:completion.slipstream-trace');
    const document = await vscode.workspace.openTextDocument(uri);
    assert.equal(document.languageId, 'slipstream-trace');
  });

  it('completes at the caret, and the text becomes part of the document', async () => {
    const content = `${cartProject['cart.ts']}    total += item`;
    const editor = await openTypeScript(content);
    // The engine may still be loading its model: ask until there was something to accept.
    await waitFor('a completion is accepted', async () => {
      await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
      await new Promise((resolve) => setTimeout(resolve, 1000));
      await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
      return editor.document.getText().length > content.length;
    });
    assert.ok(editor.document.getText().startsWith(content));
  });

  it('has one language server after restarts that overtake each other', async function () {
    if (process.platform !== 'linux') return this.skip();
    const seen = new Set(languageServers());
    const restarts = [1, 2, 3].map(() => vscode.commands.executeCommand('slipstream.restartServer'));
    // One that failed to start, because another is there, would be started again and again in the meantime.
    for (const end = Date.now() + 6000; Date.now() < end; ) {
      for (const server of languageServers()) seen.add(server);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await Promise.all(restarts);
    assert.equal(languageServers().length, 1);
    assert.ok(seen.size <= 1 + restarts.length, `${seen.size} servers were started`);
  });

  it('disables and enables the current language', async () => {
    await openTypeScript('');
    await vscode.commands.executeCommand('slipstream.disableLanguage');
    assert.equal(enabled()?.typescript, false);
    assert.equal(enabled()?.['*'], true);
    await vscode.commands.executeCommand('slipstream.enableLanguage');
    assert.equal(enabled()?.typescript, true);
  });

  it('disables and enables all languages', async () => {
    await vscode.commands.executeCommand('slipstream.disable');
    assert.equal(enabled()?.['*'], false);
    await vscode.commands.executeCommand('slipstream.enable');
    assert.equal(enabled()?.['*'], true);
  });
});

/** A VS Code of its own for a test: fresh state, fresh workspace, a free port, the packaged extension installed. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface EditorOptions {
  /** File name to content; the first TypeScript file by name is opened, if no other is named. */
  readonly files: Readonly<Record<string, string>>;
  /** The file that is opened. */
  readonly file?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Lets a page run extension tests in this editor. */
  readonly testDriver?: boolean;
  /** Opens the workspace in restricted mode, without asking. */
  readonly isUntrusted?: boolean;
}

export interface Editor {
  /** The page with the workspace and its first TypeScript file. */
  readonly url: string;
  readonly workspace: string;
  read(file: string): string;
  /** What the extension and its server have logged. */
  log(): string;
  /** Process ids of this editor's language servers. */
  languageServers(): number[];
  stop(): Promise<void>;
}

/** Suggestions from the TypeScript server would come and go over the ghost text: off but in the test about them. */
export const withoutSuggestWidget = {
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
  'editor.suggestOnTriggerCharacters': false,
};

/** Starts the same script as `npm start`. */
export async function startEditor(options: EditorOptions): Promise<Editor> {
  const state = mkdtempSync(path.join(os.tmpdir(), 'slipstream-e2e-'));
  const workspace = path.join(state, 'workspace');
  for (const [name, text] of Object.entries(options.files)) writeText(path.join(workspace, name), text);
  writeText(
    path.join(state, 'data/User/settings.json'),
    JSON.stringify({
      'git.enabled': false,
      // What these tests type is mostly nothing that a small model is sure about.
      'slipstream.eagerness': 'eager',
      'editor.minimap.enabled': false,
      'files.simpleDialog.enable': true,
      'window.confirmBeforeClose': 'never',
      'security.workspace.trust.startupPrompt': 'never',
      ...options.settings,
    }),
  );
  const args = ['scripts/start.mjs', '--browser', '--isolated', '--state', state, '--workspace', workspace];
  args.push('--vsix', requiredEnvironment('SLIPSTREAM_VSIX'));
  if (options.testDriver) args.push('--test-driver');
  if (options.isUntrusted) args.push('--untrusted');
  // What is learned in a test is not for whoever runs it, and what runs here is not shared with them.
  const places = {
    SLIPSTREAM_RUNTIME_DIR: path.join(state, 'run'),
    SLIPSTREAM_CONFIG_DIR: path.join(state, 'config'),
    SLIPSTREAM_DATA_DIR: path.join(state, 'downloads'),
  };
  const env = { ...process.env, ...places };
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));

  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
      const found = /^ {2}(http:\S+)$/m.exec(output)?.[1];
      if (found) resolve(found);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('exit', (code) => reject(new Error(`the editor ended (exit code ${code}):\n${output}`)));
  });

  const editor: Editor = {
    url,
    workspace,
    read: (file) => readFileSync(path.join(workspace, file), 'utf8'),
    log: () =>
      readdirSync(path.join(state, 'data/logs'), { recursive: true, encoding: 'utf8' })
        .filter((file) => path.basename(file) === 'Slipstream.log')
        .map((file) => readFileSync(path.join(state, 'data/logs', file), 'utf8'))
        .join('\n'),
    languageServers: () => processesRunning(path.join(state, 'extensions')),
    async stop() {
      child.kill('SIGINT');
      await exited;
      rmSync(state, { recursive: true, force: true });
    },
  };
  return options.file === undefined ? editor : withFile(editor, options.file);
}

/** The same editor, whose page has another file of the workspace open. */
export function withFile(editor: Editor, file: string): Editor {
  const url = new URL(editor.url);
  const uri = `vscode-remote://${url.host}${path.join(editor.workspace, file)}`;
  url.searchParams.set('payload', JSON.stringify([['openFile', uri]]));
  return { ...editor, url: url.href };
}

export function requiredEnvironment(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the end-to-end tests with \`npm run test:e2e\``);
  return value;
}

function writeText(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Processes of `dist/server.js` under `folder`, from /proc: the editor runs on Linux only. */
function processesRunning(folder: string): number[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids.map(Number).filter((id) => {
    const [, script = ''] = commandLine(id);
    return script.startsWith(folder) && script.endsWith('dist/server.js');
  });
}

function commandLine(id: number): string[] {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8').split('\0');
  } catch {
    // It ended in the meantime.
    return [];
  }
}

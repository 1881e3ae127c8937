/**
 * Opens an editor with Slipstream in it: a desktop VS Code if there is one, else code-server in the browser.
 *
 *   node scripts/start.mjs [--browser] [--workspace DIR] [--state DIR] [--vsix FILE] [--isolated] [--test-driver]
 *                          [--untrusted]
 *
 * --browser      the browser editor even where `code` is on PATH
 * --state DIR    keep settings and extensions there (default: a temporary folder, gone afterwards)
 * --vsix FILE    install this package instead of building one
 * --isolated     HOME and the XDG folders lie in the state folder too
 * --test-driver  let a page run extension tests in this editor
 * --untrusted    the workspace is not trusted until the user says so
 */
import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { editorCache, editorUnavailable, ensureEditor, run } from './editor.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { values: options } = parseArgs({
  options: {
    browser: { type: 'boolean' },
    workspace: { type: 'string' },
    state: { type: 'string' },
    vsix: { type: 'string' },
    isolated: { type: 'boolean' },
    'test-driver': { type: 'boolean' },
    untrusted: { type: 'boolean' },
  },
});

try {
  const workspace = options.workspace ? path.resolve(options.workspace) : sampleWorkspace();
  if (!options.browser && hasDesktopEditor()) await openDesktop(workspace);
  else await serveBrowserEditor(workspace);
} catch (error) {
  console.error(`npm start failed: ${error.message}`);
  process.exitCode = 1;
}

/** A copy outside the repository, so that trying things out leaves no changes in it. */
function sampleWorkspace() {
  const folder = path.join(editorCache, 'sample');
  cpSync(path.join(root, 'scripts/sample'), folder, { recursive: true, force: false });
  return folder;
}

function hasDesktopEditor() {
  try {
    execFileSync('code', ['--version'], { stdio: 'ignore', shell: process.platform === 'win32' });
    return true;
  } catch {
    return false;
  }
}

async function openDesktop(workspace) {
  await run(process.execPath, [path.join(root, 'scripts/build.mjs')], { cwd: root });
  const args = ['--new-window', `--extensionDevelopmentPath=${root}`, workspace, ...openFirstFile(workspace)];
  // A shell, which finds `code.cmd`, would take a path with a space for two.
  if (process.platform === 'win32')
    await run(
      'code',
      args.map((arg) => `"${arg}"`),
      { shell: true },
    );
  else await run('code', args);
  console.log(`Opened ${workspace} in VS Code.`);
}

async function serveBrowserEditor(workspace) {
  const unavailable = editorUnavailable();
  if (unavailable) throw new Error(unavailable);
  const editor = await ensureEditor();
  const state = options.state
    ? path.resolve(options.state)
    : mkdtempSync(path.join(os.tmpdir(), 'slipstream-'));
  const removeState = () => !options.state && rmSync(state, { recursive: true, force: true });
  process.on('exit', removeState);
  const vsix = options.vsix ? path.resolve(options.vsix) : path.join(state, 'slipstream.vsix');
  mkdirSync(state, { recursive: true });
  if (!options.vsix) {
    console.log('Packaging the extension.');
    const stdio = ['ignore', 'ignore', 'inherit'];
    await run(process.execPath, [path.join(root, 'scripts/package.mjs'), '--out', vsix], {
      cwd: root,
      stdio,
    });
  }
  writeSettings(path.join(state, 'data/User'));

  const env = editorEnvironment(state);
  const common = ['--config', path.join(state, 'config.yaml'), '--user-data-dir', path.join(state, 'data')];
  common.push('--extensions-dir', path.join(state, 'extensions'));
  await run(editor.node, [editor.entry, ...common, '--install-extension', vsix], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });

  const server = spawn(
    editor.node,
    [
      ...[editor.entry, ...common, '--auth', 'none', '--bind-addr', '127.0.0.1:0', '--ignore-last-opened'],
      ...['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'],
      ...(options.untrusted ? [] : ['--disable-workspace-trust']),
      ...(options['test-driver'] ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
    ],
    // Its own process group: Ctrl+C reaches this process alone, which then stops the server in order.
    { env, stdio: ['ignore', 'pipe', 'inherit'], detached: true },
  );
  const stopped = new Promise((resolve) => server.once('exit', resolve));
  let stopping = false;
  const stop = () => {
    stopping = true;
    server.kill('SIGTERM');
    // Its extension hosts may outlive a slow shutdown: end the whole group then.
    setTimeout(() => killGroup(server.pid), 5000).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);

  const origin = await listeningAt(server);
  console.log(`\nSlipstream is open at\n\n  ${pageUrl(origin, workspace)}\n\nCtrl+C stops it.`);
  const code = await stopped;
  killGroup(server.pid);
  if (!stopping) throw new Error(`the editor ended by itself (exit code ${code})`);
}

function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

function editorEnvironment(state) {
  // No extension gallery: everything that the editor needs is here.
  const env = { ...process.env, EXTENSIONS_GALLERY: '{"serviceUrl":""}' };
  // Started from a VS Code terminal, these would make code-server talk to that editor instead.
  for (const name of Object.keys(env)) if (name.startsWith('VSCODE_')) delete env[name];
  if (!options.isolated) return env;
  const home = path.join(state, 'home');
  mkdirSync(home, { recursive: true });
  return {
    ...env,
    HOME: home,
    XDG_CONFIG_HOME: home,
    XDG_DATA_HOME: home,
    XDG_CACHE_HOME: home,
    XDG_STATE_HOME: home,
  };
}

/** A quiet editor; what is already in the settings file wins. */
function writeSettings(folder) {
  const file = path.join(folder, 'settings.json');
  const own = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const quiet = {
    'workbench.startupEditor': 'none',
    'workbench.secondarySideBar.defaultVisibility': 'hidden',
    'workbench.tips.enabled': false,
    'workbench.enableExperiments': false,
    'workbench.welcomePage.walkthroughs.openOnInstall': false,
    'chat.disableAIFeatures': true,
    'chat.commandCenter.enabled': false,
    'telemetry.telemetryLevel': 'off',
    'update.mode': 'none',
    'extensions.autoUpdate': false,
    'extensions.autoCheckUpdates': false,
    'extensions.ignoreRecommendations': true,
    'typescript.disableAutomaticTypeAcquisition': true,
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify({ ...quiet, ...own }, undefined, 2)}\n`);
}

function listeningAt(server) {
  return new Promise((resolve, reject) => {
    let output = '';
    server.stdout.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
      const origin = /HTTP server listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1];
      if (origin) resolve(origin);
    });
    server.once('exit', (code) =>
      reject(new Error(`the editor did not start (exit code ${code}):\n${output}`)),
    );
  });
}

function pageUrl(origin, workspace) {
  const url = new URL(origin);
  url.searchParams.set('folder', workspace);
  const [file] = openFirstFile(workspace);
  if (file)
    url.searchParams.set('payload', JSON.stringify([['openFile', `vscode-remote://${url.host}${file}`]]));
  return url.href;
}

/** The first TypeScript file of a workspace, as a list of at most one path. */
function openFirstFile(workspace) {
  const names = readdirSync(workspace).filter((name) => name.endsWith('.ts'));
  return names
    .sort()
    .slice(0, 1)
    .map((name) => path.join(workspace, name));
}

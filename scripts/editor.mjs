/** A VS Code for the browser, from npm alone: code-server and the Node it needs, in a cache outside the repository. */
import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import envPaths from 'env-paths';

const codeServerVersion = '4.139.1';
const nodeVersion = '24.21.0';
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const abandonedAfterMs = 60 * 60 * 1000;

export const editorCache = path.join(envPaths('slipstream', { suffix: '' }).cache, 'editor');

/** Why no editor can be installed here, or undefined where it can. */
export function editorUnavailable() {
  if (process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch)) return undefined;
  return (
    `the browser editor runs on Linux only (this is ${process.platform} ${process.arch}): ` +
    'install VS Code from https://code.visualstudio.com, put `code` on PATH ' +
    '(command palette: "Shell Command: Install \'code\' command in PATH"), and run this again'
  );
}

/**
 * Installs the editor once. The folder appears under its final name only when it is whole, so an
 * interrupted install is never taken for a finished one, and of two installs at once one wins.
 * @returns the Node binary and code-server's entry script
 */
export async function ensureEditor(progress = console.log) {
  const home = path.join(editorCache, `code-server-${codeServerVersion}-node-${nodeVersion}`);
  if (!existsSync(home)) {
    mkdirSync(editorCache, { recursive: true });
    removeAbandonedInstalls();
    const started = Date.now();
    progress(`Installing the browser editor into ${home} (once, about 800 MB, a minute or less).`);
    const partial = mkdtempSync(path.join(editorCache, 'partial-'));
    const removePartial = () => rmSync(partial, { recursive: true, force: true });
    const interrupted = () => process.exit(130);
    process.once('exit', removePartial);
    for (const signal of signals) process.once(signal, interrupted);
    await install(partial, progress);
    if (!moveInto(partial, home))
      progress('Another run installed the editor in the meantime: using that one.');
    removePartial();
    process.off('exit', removePartial);
    for (const signal of signals) process.off(signal, interrupted);
    progress(`The editor is ready after ${Math.round((Date.now() - started) / 1000)} s.`);
  }
  const modules = path.join(home, 'node_modules');
  return {
    node: path.join(modules, nodePackage(), 'bin/node'),
    entry: path.join(modules, 'code-server/out/node/entry.js'),
  };
}

const nodePackage = () => `node-linux-${process.arch}`;

async function install(folder, progress) {
  const npm = (cwd, ...args) =>
    run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      cwd,
      // code-server's dependencies expect the Node that will run them.
      env: {
        ...process.env,
        PATH: `${path.join(folder, 'node_modules', nodePackage(), 'bin')}:${process.env.PATH}`,
      },
    });
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  progress('  1/3 code-server and Node');
  await npm(folder, `${nodePackage()}@${nodeVersion}`, `code-server@${codeServerVersion}`);
  const vscode = path.join(folder, 'node_modules/code-server/lib/vscode');
  progress("  2/3 the editor's own packages");
  await npm(vscode, '--omit=dev');
  progress("  3/3 the built-in extensions' packages");
  await npm(path.join(vscode, 'extensions'), '--omit=dev');
  const log = fileURLToPath(new URL('editorLog.cjs', import.meta.url));
  copyFileSync(log, path.join(vscode, 'node_modules/@vscode/spdlog/index.js'));
  // code-server's postinstall makes these two links; install scripts are off.
  for (const [link, target] of [
    ['bin/remote-cli/code-server', 'code-linux.sh'],
    ['bin/helpers/browser.sh', 'browser-linux.sh'],
  ]) {
    const at = path.join(vscode, link);
    rmSync(at, { force: true });
    symlinkSync(target, at);
  }
}

/** Whether `partial` became `home`; false where another run was faster. */
function moveInto(partial, home) {
  try {
    renameSync(partial, home);
    return true;
  } catch (error) {
    if (existsSync(home)) return false;
    throw error;
  }
}

function removeAbandonedInstalls() {
  for (const name of readdirSync(editorCache)) {
    const folder = path.join(editorCache, name);
    if (name.startsWith('partial-') && Date.now() - statSync(folder).mtimeMs > abandonedAfterMs)
      rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a command to its end, its output passed on. Rejects with a sentence on failure. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    child.on('error', (error) => reject(new Error(`${command} cannot be started: ${error.message}`)));
    child.on('exit', (code, signal) =>
      code === 0
        ? resolve()
        : reject(new Error(`${command} ${args[0] ?? ''} failed (${signal ?? `exit code ${code}`})`)),
    );
  });
}

/**
 * Installs llama.cpp (node-llama-cpp and this platform's prebuilt CPU binary) beside this file, for the
 * comparisons in test/ and `bench`. Nothing of the product needs it: where it cannot be had, one line
 * says so and the comparisons are skipped. Doing it again is free.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const { version } = JSON.parse(readFileSync(join(here, 'package-lock.json'), 'utf8')).packages[
  'node_modules/node-llama-cpp'
];

/** The CPU packages that node-llama-cpp names as optional, by Node's name of the platform. */
const binaries = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'linux-arm': 'linux-armv7l',
  'darwin-arm64': 'mac-arm64-metal',
  'darwin-x64': 'mac-x64',
  'win32-x64': 'win-x64',
  'win32-arm64': 'win-arm64',
};

function installedVersion(name) {
  const file = join(here, 'node_modules', name, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined;
}

function skip(why) {
  console.log(`llama.cpp is not installed (${why}): comparisons with it are skipped.`);
}

/** npm's last words on a failure, as one short line. */
function lastError(output) {
  const lines = output
    .split('\n')
    .filter((line) => line.startsWith('npm error') && !line.includes(' log of '));
  return lines.slice(0, 2).join(' ').replaceAll('npm error ', '').slice(0, 160) || 'npm failed';
}

function install() {
  const binary = binaries[`${process.platform}-${process.arch}`];
  if (!binary) return skip(`no prebuilt binary for ${process.platform} ${process.arch}`);
  const names = ['node-llama-cpp', `@node-llama-cpp/${binary}`];
  if (names.every((name) => installedVersion(name) === version)) return;

  // `npm ci` would insist on the optional CUDA and Vulkan packages of every platform, some of which not every registry has.
  const npm = spawnSync(
    'npm',
    [
      'install',
      '--no-save',
      '--omit=optional',
      '--ignore-scripts',
      '--fetch-retries=1',
      `${names[1]}@${version}`,
    ],
    { cwd: here, encoding: 'utf8', shell: process.platform === 'win32', timeout: 300_000 },
  );
  if (npm.error) return skip(npm.error.message);
  if (npm.status !== 0) return skip(lastError(npm.stderr));
  console.log(`Installed llama.cpp (node-llama-cpp ${version}, ${binary}) in test/peers.`);
}

install();

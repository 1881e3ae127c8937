import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { run } from './editor.mjs';

/**
 * The browser that the end-to-end tests drive; installed from Debian where this may be done.
 * @returns its path, or undefined after saying what to install
 */
export async function ensureChromium() {
  const found = findChromium();
  if (found) return found;
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) {
    console.error(
      'The end-to-end tests need Chromium: install it (Debian: `sudo apt-get install chromium fonts-dejavu-core`) ' +
        'or give its path in SLIPSTREAM_CHROMIUM.',
    );
    return undefined;
  }
  console.log('Installing Chromium from Debian.');
  const options = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  await run('apt-get', ['update', '-qq'], options);
  await run(
    'apt-get',
    ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'],
    options,
  );
  return findChromium();
}

function findChromium() {
  if (process.env.SLIPSTREAM_CHROMIUM) return process.env.SLIPSTREAM_CHROMIUM;
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    try {
      return execFileSync('which', [name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    } catch {
      // Not this one.
    }
  }
  return undefined;
}

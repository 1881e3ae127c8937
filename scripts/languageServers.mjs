import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { run } from './editor.mjs';

/** Debian's packages of the programs that the tests of the monitors ask; gopls runs `go`. */
const packages = { clangd: 'clangd', gopls: 'gopls', go: 'golang-go' };

/** Installs the language servers that are missing from Debian where this may be done; otherwise their tests are skipped. */
export async function ensureLanguageServers() {
  const missing = Object.keys(packages).filter((program) => !isInstalled(program));
  if (missing.length === 0) return;
  const names = missing.map((program) => packages[program]);
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) {
    console.log(
      `SKIPPED: the tests that need ${missing.join(', ')} (Debian: \`sudo apt-get install ${names.join(' ')}\`).`,
    );
    return;
  }
  console.log(`Installing ${names.join(', ')} from Debian.`);
  const options = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  try {
    await run('apt-get', ['update', '-qq'], options);
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], options);
  } catch (error) {
    // The other tests need none of them.
    console.log(`SKIPPED: the tests that need ${missing.join(', ')}: ${error.message}`);
  }
}

function isInstalled(program) {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

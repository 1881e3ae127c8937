/**
 * Runs every test, or only the named suites, and ends with the line `N passed, N failed`.
 *
 *   node scripts/test.mjs [static] [unit] [webgpu] [peers] [e2e] [-- part of a test file's path...]
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureChromium } from './chromium.mjs';
import { editorUnavailable, ensureEditor, run } from './editor.mjs';
import { ensureLanguageServers } from './languageServers.mjs';
import { ensureMesa } from './mesa.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const scratch = mkdtempSync(path.join(os.tmpdir(), 'slipstream-test-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const suites = {
  static: async () => [
    ['formatter and linter', await passes('biome', 'ci', '.')],
    ['type check', await passes('tsc', '--noEmit')],
    ['type check of the report view', await passes('tsc', '--noEmit', '-p', 'client/webview')],
  ],
  unit: async () => {
    await ensureLanguageServers();
    return vitest('unit');
  },
  webgpu: async () => {
    const { env, reason } = await ensureMesa();
    // Machines without a GPU of which Mesa cannot be had are no fault of the project, in CI either.
    if (reason !== undefined) return { passed: 0, failed: 0, note: `SKIPPED: ${reason}` };
    return vitest('webgpu', env);
  },
  peers: async () => {
    if (!existsSync('test/peers/package.json')) return [];
    await run(process.execPath, ['test/peers/install.mjs']);
    return vitest('peers');
  },
  e2e: async () => {
    const unavailable = editorUnavailable();
    const chromium = unavailable ? undefined : await ensureChromium();
    if (!chromium) return skipped(unavailable ?? 'no Chromium');
    await ensureEditor();
    const vsix = path.join(scratch, 'slipstream.vsix');
    await run(process.execPath, ['scripts/package.mjs', '--out', vsix], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await run(process.execPath, ['scripts/buildHostTests.mjs']);
    return vitest('e2e', { SLIPSTREAM_CHROMIUM: chromium, SLIPSTREAM_VSIX: vsix });
  },
};

const words = process.argv.slice(2);
const filtersFrom = words.includes('--') ? words.indexOf('--') : words.length;
const wanted = words.slice(0, filtersFrom);
const filters = words.slice(filtersFrom + 1);
const unknown = wanted.filter((name) => !(name in suites));
if (unknown.length > 0) {
  console.error(`unknown suite ${unknown.join(', ')}; there are ${Object.keys(suites).join(', ')}`);
  process.exit(2);
}
const chosen = wanted.length > 0 ? wanted : Object.keys(suites);

const results = [];
// The tests run the bundles, so a build that fails fails them all.
await record('build', async () => [['build', await passesNode('scripts/build.mjs')]]);
for (const name of chosen) await record(name, suites[name]);

const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.reduce((sum, result) => sum + result.failed, 0);
// Again, behind all else: a log of which only the end is kept still says what failed.
for (const { failures = [] } of results) for (const failure of failures) console.log(failure);
for (const { name, seconds, note, ...counts } of results)
  console.log(`${name}: ${note ?? `${counts.passed} passed, ${counts.failed} failed`} (${seconds} s)`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

async function record(name, suite) {
  console.log(`\n== ${name}`);
  const started = Date.now();
  let outcome;
  try {
    outcome = await suite();
  } catch (error) {
    console.error(`${name} failed: ${error.message}`);
    outcome = [[name, false]];
  }
  const counts = Array.isArray(outcome)
    ? { passed: outcome.filter(([, ok]) => ok).length, failed: outcome.filter(([, ok]) => !ok).length }
    : outcome;
  results.push({ name, seconds: Math.round((Date.now() - started) / 1000), ...counts });
}

async function passes(tool, ...args) {
  return passesNode(...toolEntry(tool), ...args);
}

async function passesNode(...args) {
  try {
    await run(process.execPath, args);
    return true;
  } catch (error) {
    console.error(error.message);
    return false;
  }
}

/** The tool's script of node_modules, so that no shell and no PATH is involved. */
function toolEntry(tool) {
  const packages = { biome: '@biomejs/biome', tsc: 'typescript', vitest: 'vitest' };
  const folder = path.join('node_modules', packages[tool]);
  const { bin } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  return [path.join(folder, typeof bin === 'string' ? bin : bin[tool])];
}

async function vitest(project, env = {}) {
  const report = path.join(scratch, `${project}.json`);
  const args = [
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...filters,
  ];
  let ended = true;
  await run(process.execPath, [...toolEntry('vitest'), ...args], { env: { ...process.env, ...env } }).catch(
    () => {
      ended = false;
    },
  );
  const counts = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
  const failures = failuresOf(counts);
  // What went wrong outside of all tests is told by the exit status only.
  return { passed: counts?.numPassedTests ?? 0, failed: failures.length || Number(!ended), failures };
}

/** What failed and why, an entry for each test and for each file that did not load, of vitest's JSON report. */
function failuresOf(report) {
  return (report?.testResults ?? []).flatMap(({ name, message, assertionResults }) => {
    const file = path.relative(root, name);
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    const entries = failed.map((test) => `${test.fullName}\n${test.failureMessages.join('\n')}`);
    if (message) entries.push(message);
    return entries.map((entry) => `\nFAILED ${file}: ${withoutLibraries(entry)}`);
  });
}

function withoutLibraries(stack) {
  return stack.replaceAll(/\n {4}at .*(node_modules|new Promise).*/g, '');
}

function skipped(reason) {
  const required = process.env.CI !== undefined && process.env.CI !== '' && process.env.CI !== '0';
  return { passed: 0, failed: required ? 1 : 0, note: `SKIPPED: ${reason}` };
}

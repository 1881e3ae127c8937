/**
 * Packs what measures Slipstream on a GPU of a bare Linux x64 machine into one folder: Node, onnxruntime, a Vulkan loader, the
 * engine and the default model. Nothing has to be installed there but NVIDIA's driver.
 *
 *   node scripts/gpuKit.mjs [--out out/gpu-kit]
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createApt } from './apt.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({ options: { out: { type: 'string' } } });
const out = path.resolve(values.out ?? path.join(root, 'out/gpu-kit'));
process.chdir(root);

const mostBytes = 60e6;
const onnxruntime = 'node_modules/onnxruntime-node';
const application = [
  'models/default',
  ...['cli', 'engineWorker', 'engineProcess', 'deviceTrial', 'typescript/compiler'].map(
    (name) => `dist/${name}.js`,
  ),
  `${onnxruntime}/package.json`,
  `${onnxruntime}/dist`,
  `${onnxruntime}/bin/napi-v6/linux/x64`,
  'node_modules/onnxruntime-common/package.json',
  'node_modules/onnxruntime-common/dist/cjs',
];
/** The loader, and what NVIDIA's driver is linked with on a machine with a display. */
const loader = [
  ...['libvulkan1', 'libglvnd0', 'libx11-6', 'libxext6'],
  ...['libxcb1', 'libxau6', 'libxdmcp6', 'libbsd0', 'libmd0'],
];
const systemLibraries = '/usr/lib/x86_64-linux-gnu';
const isLinux64 = process.platform === 'linux' && process.arch === 'x64';

const stage = mkdtempSync(path.join(os.tmpdir(), 'slipstream-gpu-kit-'));
try {
  await pack();
} catch (error) {
  console.error(`npm run gpu-kit failed: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(stage, { recursive: true, force: true });
}

async function pack() {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: ['ignore', 'ignore', 'inherit'] });
  for (const part of application) copy(part, path.join('app', part));
  for (const script of ['run.mjs', 'vulkan.mjs']) copy(`scripts/gpuKit/${script}`, script);
  const missing = [packNode(), packRuntime(), await packLoader()].filter((why) => why !== undefined);

  mkdirSync(out, { recursive: true });
  const archive = path.join(out, 'kit.tar.xz');
  execFileSync('tar', ['-C', stage, '--owner=0', '--group=0', '-cJf', archive, '.'], {
    env: { ...process.env, XZ_OPT: '-6 -T0' },
  });
  cpSync('scripts/gpuKit/run.sh', path.join(out, 'run.sh'));
  chmodSync(path.join(out, 'run.sh'), 0o755);
  for (const why of missing) console.warn(`missing: ${why}`);
  const bytes = statSync(archive).size;
  console.log(`${out}: ${(bytes / 1e6).toFixed(1)} MB; on the machine: sh run.sh --help`);
  if (bytes > mostBytes) throw new Error(`the kit may have ${mostBytes / 1e6} MB at most`);
}

function copy(from, to) {
  if (!existsSync(from)) throw new Error(`${from} is missing: run \`npm ci\` first`);
  const isKept = (name) => !name.endsWith('.map') && !name.endsWith('.d.ts');
  cpSync(from, path.join(stage, to), { recursive: true, dereference: true, filter: isKept });
}

/** @returns why the kit goes without */
function packNode() {
  const isWhole = isLinux64 && statSync(realpathSync(process.execPath)).size > 50e6;
  if (!isWhole)
    return 'Node: it is packed by an official Node on Linux x64; the machine has to have Node 20.19 or newer on PATH.';
  const node = path.join(stage, 'node');
  copy(realpathSync(process.execPath), 'node');
  chmodSync(node, 0o755);
  try {
    execFileSync('strip', [node], { stdio: 'ignore' });
  } catch {
    // A few megabytes more.
  }
  execFileSync(node, ['--version'], { stdio: 'ignore' });
}

/** The C++ runtime, for machines that have none. */
function packRuntime() {
  const names = ['libstdc++.so.6', 'libgcc_s.so.1'];
  const missing = names.filter((name) => !existsSync(path.join(systemLibraries, name)));
  if (!isLinux64 || missing.length > 0)
    return `${names.join(' and ')}: they are taken from a Debian on x64; the machine has to have them.`;
  for (const name of names) copy(realpathSync(path.join(systemLibraries, name)), path.join('runtime', name));
}

async function packLoader() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'slipstream-apt-'));
  try {
    const release = readFileSync('/etc/os-release', 'utf8');
    const apt = createApt(folder, /^VERSION_CODENAME=(.*)$/m.exec(release)?.[1] ?? '');
    await apt.update().catch(() => undefined);
    const packages = [];
    for (const name of loader) {
      const found = (await apt.versions(name)).find(({ suite }) => !suite.endsWith('-backports'));
      if (found === undefined) throw new Error(`there is no package ${name}`);
      packages.push([name, found.version]);
    }
    const unpacked = path.join(folder, 'unpacked');
    await apt.unpack(packages, unpacked);
    const libraries = path.join(unpacked, systemLibraries);
    // Under the names that programs ask for, each of which is a link here.
    for (const name of readdirSync(libraries).filter((name) => /^lib.*\.so\.\d+$/.test(name)))
      copy(path.join(libraries, name), path.join('libraries', name));
  } catch (error) {
    return `the Vulkan loader and its libraries (${error.message}): the machine has to have libvulkan.so.1.`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

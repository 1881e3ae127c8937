/**
 * Mesa's software Vulkan (lavapipe), on which the WebGPU provider runs where there is no GPU. Dawn needs Mesa 25 or newer.
 *
 *   node scripts/mesa.mjs     installs it once, and prints the environment that a program needs, for a shell
 */
import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import envPaths from 'env-paths';
import { createApt } from './apt.mjs';

const leastMajor = 25;
const driver = 'mesa-vulkan-drivers';
const libraries = 'root/usr/lib/x86_64-linux-gnu';
const manifest = 'lavapipe.json';
const abandonedAfterMs = 60 * 60 * 1000;
const cache = envPaths('slipstream', { suffix: '' }).cache;

/**
 * Finds an adapter for WebGPU: the system's own, or else Mesa's, which is installed in the user's cache folder, without root.
 * It never throws.
 * @returns `{ env }`, what to add to the environment of a child process, or `{ reason }` where there is none to be had
 */
export async function ensureMesa(progress = console.log) {
  if ((await adapterRefusal({})) === undefined) return { env: {} };
  const unavailable = mesaUnavailable();
  if (unavailable !== undefined) return { reason: unavailable };
  try {
    for (const home of installed()) {
      const env = environmentOf(home);
      if ((await adapterRefusal(env)) === undefined) return { env };
    }
    const env = environmentOf(await install(progress));
    const refusal = await adapterRefusal(env);
    return refusal === undefined ? { env } : { reason: `no adapter is found with Mesa, either: ${refusal}` };
  } catch (error) {
    return { reason: `Mesa ${leastMajor} cannot be installed: ${error.message.replace(/\.+$/, '')}` };
  }
}

function mesaUnavailable() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `there is no adapter, and Mesa is installed on Linux x64 only (this is ${process.platform} ${process.arch})`;
  const tools = ['apt-get', 'apt-cache', 'dpkg'].filter((tool) => !existsSync(`/usr/bin/${tool}`));
  if (tools.length === 0) return undefined;
  return `there is no adapter, and ${tools.join(', ')} to install Mesa with are missing: install Mesa ${leastMajor} or newer (lavapipe) with this system's own packages`;
}

/** The newest first. */
function installed() {
  const names = existsSync(cache) ? readdirSync(cache).filter((name) => /^mesa-\d/.test(name)) : [];
  return names
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map((name) => path.join(cache, name));
}

/** The folder appears under its final name only when it is whole. */
async function install(progress) {
  mkdirSync(cache, { recursive: true });
  removeAbandonedInstalls();
  const partial = mkdtempSync(path.join(cache, 'partial-mesa-'));
  const removePartial = () => rmSync(partial, { recursive: true, force: true });
  process.once('exit', removePartial);
  try {
    const release = codename();
    const apt = createApt(partial, release);
    // A suite that a mirror lacks is an error of apt, too: what there is will do.
    const refused = await apt.update().then(
      () => undefined,
      (error) => error,
    );
    const found = oldestEnough(await apt.versions(driver));
    if (found === undefined)
      throw refused ?? new Error(`no suite of ${release} has ${driver} ${leastMajor} or newer`);
    const home = path.join(cache, `mesa-${found.version}`);
    progress(`Installing Mesa's software Vulkan ${found.version} into ${home} (once).`);
    const missing = await apt.missingFor(driver, found);
    const whole = path.join(partial, 'whole');
    mkdirSync(path.join(whole, 'root'), { recursive: true });
    await apt.unpack(missing, path.join(whole, 'root'));
    finish(whole, home);
    // One that is there has been tried, and did not work.
    rmSync(home, { recursive: true, force: true });
    renameSync(whole, home);
    return home;
  } finally {
    removePartial();
    process.off('exit', removePartial);
  }
}

function finish(whole, home) {
  const name = 'libvulkan_lvp.so';
  if (!existsSync(path.join(whole, libraries, name))) throw new Error(`${driver} has no ${name}`);
  const icd = { api_version: '1.4.0', library_path: path.join(home, libraries, name) };
  writeFileSync(path.join(whole, manifest), JSON.stringify({ ICD: icd, file_format_version: '1.0.0' }));
  mkdirSync(path.join(whole, 'runtime'));
  chmodSync(path.join(whole, 'runtime'), 0o700);
}

function environmentOf(home) {
  const loaded = [path.join(home, libraries), process.env.LD_LIBRARY_PATH ?? []].flat().join(':');
  return {
    VK_DRIVER_FILES: path.join(home, manifest),
    VK_ICD_FILENAMES: path.join(home, manifest),
    LD_LIBRARY_PATH: loaded,
    XDG_RUNTIME_DIR: path.join(home, 'runtime'),
  };
}

function codename() {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const [, name] = /^VERSION_CODENAME="?([\w-]+)"?$/m.exec(release) ?? [];
  if (name === undefined) throw new Error('/etc/os-release names no version');
  return name;
}

/** The main suite's, where it is new enough: what it needs is then there already. */
const oldestEnough = (versions) =>
  versions.findLast(({ version }) => Number.parseInt(version.replace(/^\d+:/, ''), 10) >= leastMajor);

function removeAbandonedInstalls() {
  for (const name of readdirSync(cache)) {
    const folder = path.join(cache, name);
    if (name.startsWith('partial-mesa-') && Date.now() - statSync(folder).mtimeMs > abandonedAfterMs)
      rmSync(folder, { recursive: true, force: true });
  }
}

/** A graph that hands its input on, as ONNX: opening it asks for the adapter. */
const identity =
  'CAoSCnNsaXBzdHJlYW06QwocCgF4EgF5GgpJZGVudGl0eV8wIghJZGVudGl0eRIBcFoPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCAhAVQhEKDWNvbS5taWNyb3NvZnQQAQ==';
const attempt = `
  import * as ort from 'onnxruntime-node';
  const graph = Buffer.from('${identity}', 'base64');
  const session = await ort.InferenceSession.create(graph, { executionProviders: ['webgpu'], logSeverityLevel: 4 });
  await session.release();`;

/** Why the WebGPU provider does not start with this environment; undefined where it does. In a process of its own: it may crash. */
function adapterRefusal(env) {
  const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
  const options = { cwd: root, env: { ...process.env, ...env }, timeout: 60_000 };
  return new Promise((resolve) => {
    execFile(process.execPath, ['--input-type=module', '-e', attempt], options, (error, _, stderr) => {
      if (error === null) return resolve(undefined);
      const said = `${stderr}`.split('\n').find((line) => /Error:/.test(line)) ?? error.message;
      resolve(said.split(' was false. ').at(-1).split('\n')[0].trim());
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { env, reason } = await ensureMesa(console.error);
  if (reason !== undefined) console.error(`No WebGPU: ${reason}.`);
  for (const [name, value] of Object.entries(env ?? {}))
    console.log(`export ${name}='${value.replaceAll("'", "'\\''")}'`);
  process.exitCode = reason === undefined ? 0 : 1;
}

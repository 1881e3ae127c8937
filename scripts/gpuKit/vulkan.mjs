/** What a machine with NVIDIA's driver and nothing else lacks for Vulkan. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const folders = [
  '/usr/lib/x86_64-linux-gnu',
  '/lib/x86_64-linux-gnu',
  ...['/usr/lib64', '/lib64', '/usr/lib', '/usr/local/lib', '/usr/local/nvidia/lib64', '/usr/lib64/nvidia'],
];
const manifests = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d'];
/** The driver as Vulkan loads it: with a display's libraries, and without. */
const drivers = ['libGLX_nvidia.so.0', 'libEGL_nvidia.so.0'];

/**
 * Adds to the environment the libraries of the kit that the system lacks, and says where NVIDIA's driver is if nothing there does.
 * @param libraries the kit's, @param work a folder that may be written
 * @returns the environment, and a sentence for each thing that a reader of the log wants to know
 */
export function vulkanEnvironment(libraries, work) {
  const own = (process.env.LD_LIBRARY_PATH ?? '').split(':').filter(Boolean);
  const known = knownLibraries();
  const find = (name) =>
    [...own, ...folders].map((folder) => path.join(folder, name)).find(existsSync) ?? known.get(name);
  const notes = [];

  const lent = path.join(work, 'libraries');
  rmSync(lent, { recursive: true, force: true });
  mkdirSync(lent, { recursive: true });
  const lacking = (existsSync(libraries) ? readdirSync(libraries) : []).filter((name) => !find(name));
  for (const name of lacking) symlinkSync(path.join(libraries, name), path.join(lent, name));
  notes.push(`Libraries of the kit that the system lacks: ${lacking.join(', ') || 'none'}.`);
  const env = { ...process.env, LD_LIBRARY_PATH: [...own, lent].join(':') };

  const { VK_DRIVER_FILES, VK_ICD_FILENAMES } = process.env;
  const listed = manifests.flatMap((folder) =>
    existsSync(folder) ? readdirSync(folder).map((name) => path.join(folder, name)) : [],
  );
  if (VK_DRIVER_FILES || VK_ICD_FILENAMES) {
    notes.push(`Vulkan's drivers, by the environment: ${VK_DRIVER_FILES ?? VK_ICD_FILENAMES}.`);
  } else if (listed.some((file) => /nvidia/i.test(file))) {
    notes.push(`Vulkan's drivers, by the system: ${listed.join(', ')}.`);
  } else {
    const found = drivers.filter(find);
    const files = found.map((name) => writeManifest(work, name));
    if (files.length > 0)
      Object.assign(env, { VK_DRIVER_FILES: files.join(':'), VK_ICD_FILENAMES: files.join(':') });
    notes.push(
      found.length > 0
        ? `The system does not tell Vulkan of NVIDIA's driver: ${found.map(find).join(', ')}.`
        : `There is no ${drivers.join(' and no ')}: without NVIDIA's driver for graphics there is no Vulkan of it (in a container, set NVIDIA_DRIVER_CAPABILITIES=all).`,
    );
  }
  return { env, notes };
}

function writeManifest(work, library) {
  const file = path.join(work, `${library}.json`);
  const ICD = { library_path: library, api_version: '1.3.0' };
  writeFileSync(file, JSON.stringify({ file_format_version: '1.0.0', ICD }));
  return file;
}

/** What the system's loader knows: name to path. */
function knownLibraries() {
  const tool = ['/sbin/ldconfig', '/usr/sbin/ldconfig'].find(existsSync);
  if (tool === undefined) return new Map();
  const listed = execFileSync(tool, ['-p'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const of64 = [...listed.matchAll(/^\s*(\S+) \(.*x86-64.*\) => (\S+)$/gm)];
  return new Map(of64.map(([, name, file]) => [name, file]));
}

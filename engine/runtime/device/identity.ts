import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';

/**
 * What changes when the graphics device or its driver does. onnxruntime-node names neither, so it is put together from what the
 * system shows without starting a program: on Linux the drivers that Vulkan is told of and the cards' ids, on Windows when
 * a driver was last installed, on macOS its version.
 */
export async function deviceIdentity(): Promise<string> {
  const parts = [process.platform, process.arch, release(), ...(await systemParts())];
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
}

async function systemParts(): Promise<string[]> {
  if (process.platform === 'win32')
    return [
      await lastChange(join(process.env.SystemRoot ?? 'C:\\Windows', 'System32/DriverStore/FileRepository')),
    ];
  if (process.platform !== 'linux') return [];
  const { VK_DRIVER_FILES = '', VK_ICD_FILENAMES = '' } = process.env;
  const named = [VK_DRIVER_FILES, VK_ICD_FILENAMES].flatMap((list) => list.split(':')).filter(Boolean);
  const folders = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d'];
  const drivers = (await Promise.all(folders.map(filesIn))).flat();
  const changes = [...named, ...drivers].map(async (file) => `${file} ${await lastChange(file)}`);
  const cards = (await filesIn('/sys/class/drm')).filter((path) => /\/card\d+$/.test(path));
  const ids = cards.flatMap((card) => ['vendor', 'device'].map((id) => content(join(card, 'device', id))));
  return Promise.all([content('/proc/driver/nvidia/version'), ...changes, ...ids]);
}

const filesIn = (folder: string) =>
  readdir(folder).then(
    (names) => names.sort().map((name) => join(folder, name)),
    () => [],
  );

const content = (path: string) =>
  readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => '',
  );

const lastChange = (path: string) =>
  stat(path).then(
    ({ mtimeMs }) => String(mtimeMs),
    () => '',
  );

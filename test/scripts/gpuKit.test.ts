import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';

const scripts = path.resolve('scripts/gpuKit');
const folder = mkdtempSync(path.join(os.tmpdir(), 'slipstream-kit-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Where a program lies; undefined where it does not. */
const toolPath = (name: string) =>
  ['/usr/bin', '/bin'].map((bin) => path.join(bin, name)).find((file) => existsSync(file));
const basic = ['sh', 'tar', 'cksum', 'tr', 'mkdir', 'wc', 'cat', 'rm', 'dirname'];
const lacking = (tools: readonly string[]) => tools.some((tool) => toolPath(tool) === undefined);

/** A machine that has these programs and no other. */
function pathOf(name: string, tools: readonly string[]): string {
  const bin = path.join(folder, name);
  mkdirSync(bin);
  for (const tool of tools) symlinkSync(toolPath(tool) ?? '', path.join(bin, tool));
  return bin;
}

test.skipIf(process.platform !== 'linux' || lacking([...basic, 'xz', 'dpkg-deb'])).each([
  ['xz', ['xz']],
  ['dpkg-deb alone', ['dpkg-deb']],
])('the kit unpacks itself on a bare machine with %s, once, and starts what is in it', (name, unpackers) => {
  const kit = path.join(folder, `kit-${name}`);
  const content = path.join(kit, 'content');
  mkdirSync(content, { recursive: true });
  // In Node's place, it tells what it was started with.
  writeFileSync(path.join(content, 'node'), '#!/bin/sh\necho "$@"\n');
  chmodSync(path.join(content, 'node'), 0o755);
  execFileSync('tar', ['-C', content, '-cJf', path.join(kit, 'kit.tar.xz'), '.']);
  copyFileSync(path.join(scripts, 'run.sh'), path.join(kit, 'run.sh'));
  const work = path.join(kit, 'work');
  const env = { PATH: pathOf(`bin-${name}`, [...basic, ...unpackers]) };
  const start = () =>
    execFileSync(toolPath('sh') ?? '', [path.join(kit, 'run.sh'), '--work', work, 'copy'], {
      env,
      encoding: 'utf8',
    });
  const said = start();
  expect(said).toContain(`--out ${kit}/results --work ${work} --work ${work} copy`);
  const [unpacked = ''] = readdirSync(work);
  expect(readdirSync(path.join(work, unpacked)).sort()).toEqual(['node', 'whole']);
  writeFileSync(path.join(work, unpacked, 'node'), '#!/bin/sh\necho still there\n');
  expect(start()).toBe('still there\n');
});

/** Whether the system itself tells Vulkan of NVIDIA's driver: then nothing has to be added. */
const isTold = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d'].some(
  (list) => existsSync(list) && readdirSync(list).some((name) => /nvidia/i.test(name)),
);

/** What `vulkanEnvironment` adds, in a process with just these variables. */
function vulkan(env: NodeJS.ProcessEnv, libraries: string): { env: NodeJS.ProcessEnv; notes: string[] } {
  const work = mkdtempSync(path.join(folder, 'work-'));
  const script = `import { vulkanEnvironment } from ${JSON.stringify(path.join(scripts, 'vulkan.mjs'))};
    console.log(JSON.stringify(vulkanEnvironment(${JSON.stringify(libraries)}, ${JSON.stringify(work)})));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    env,
    encoding: 'utf8',
  });
  return JSON.parse(output);
}

test.skipIf(process.platform !== 'linux' || isTold)(
  'a driver that Vulkan is not told of is named to it, and what it lacks is lent',
  () => {
    const [driver, libraries] = [path.join(folder, 'driver'), path.join(folder, 'libraries')];
    for (const made of [driver, libraries]) mkdirSync(made);
    writeFileSync(path.join(driver, 'libEGL_nvidia.so.0'), '');
    for (const name of ['libnobodyhas.so.1', 'libc.so.6']) writeFileSync(path.join(libraries, name), '');

    const { env } = vulkan({ LD_LIBRARY_PATH: driver }, libraries);
    const [first = '', ...others] = (env.VK_DRIVER_FILES ?? '').split(':');
    expect(others).toEqual([]);
    expect(JSON.parse(readFileSync(first, 'utf8'))).toMatchObject({
      ICD: { library_path: 'libEGL_nvidia.so.0' },
    });
    const [own, lent = ''] = (env.LD_LIBRARY_PATH ?? '').split(':');
    expect(own).toBe(driver);
    expect(readdirSync(lent)).toEqual(['libnobodyhas.so.1']);

    const told = vulkan({ LD_LIBRARY_PATH: driver, VK_DRIVER_FILES: '/some/driver.json' }, libraries);
    expect(told.env.VK_DRIVER_FILES).toBe('/some/driver.json');
    const bare = vulkan({}, libraries);
    expect(bare.notes.join(' ')).toMatch(/by the system|There is no lib|does not tell Vulkan/);
  },
);

import os from 'node:os';
import { afterEach, expect, test, vi } from 'vitest';
import { runtimeDirectory } from '../../server/paths';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

test('processes find each other also where the user has no name, as in many containers', () => {
  vi.stubEnv('SLIPSTREAM_RUNTIME_DIR', '');
  vi.stubEnv('XDG_RUNTIME_DIR', '');
  vi.spyOn(os, 'userInfo').mockImplementation(() => {
    throw new Error('uv_os_get_passwd returned ENOENT');
  });
  expect(runtimeDirectory()).toContain('slipstream');
});

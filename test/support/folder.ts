import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/** A folder of this test file's own, gone when its tests are done. Returns paths inside it. */
export function temporaryFolder(): (name: string) => string {
  let root = '';
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'slipstream-test-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));
  return (name) => join(root, name);
}

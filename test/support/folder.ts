import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A folder of this test file's own, there at once and gone when its tests are done. Returns paths inside it. */
export function temporaryFolder(): (name: string) => string {
  const root = mkdtempSync(join(tmpdir(), 'slipstream-test-'));
  afterAll(() => rm(root, { recursive: true, force: true }));
  return (name) => join(root, name);
}

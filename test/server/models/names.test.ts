import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { nameDownload } from '../../../server/models/catalogue';
import { curatedModels } from '../../../server/models/curated';
import { temporaryFolder } from '../../support/folder';

const folder = temporaryFolder();
let count = 0;

beforeEach(() => vi.stubEnv('SLIPSTREAM_CONFIG_DIR', folder(`config-${count++}`)));
afterEach(() => vi.unstubAllEnvs());

test('a model that is offered is called what it is offered by, so that the other commands know that name', () => {
  for (const { name, repository } of curatedModels) expect(nameDownload(repository, folder(name))).toBe(name);
});

test('another has its own name, with its owner before it where that is taken, and keeps it', () => {
  expect(nameDownload('someone/tiny', folder('a'))).toBe('tiny');
  const second = nameDownload('other/tiny', folder('b'));
  expect(second).toMatch(/^other.+tiny$/);
  expect(nameDownload('other/tiny', folder('b'))).toBe(second);
});

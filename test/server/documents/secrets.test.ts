import { expect, it } from 'vitest';
import { isSecret } from '../../../server/documents/secrets';

it('knows files with keys and passwords by their names', () => {
  for (const name of [
    '.env',
    '.env.local',
    'production.env',
    '.envrc',
    'server.key',
    'id_ed25519',
    '.npmrc',
    'secrets.yaml',
    'db-credentials.json',
    'terraform.tfvars',
    '.ssh/config',
    '.aws/credentials',
    '%2Eenv',
    'SECRETS.JSON',
  ]) {
    expect(isSecret(`file:///work/${name}`), name).toBe(true);
  }
});

it('does not take source code for them', () => {
  for (const name of [
    'env.ts',
    'environment.d.ts',
    'secrets.ts',
    'keys.py',
    'credentials.go',
    'key.tsx',
    'a%zz.ts',
  ]) {
    expect(isSecret(`file:///work/${name}`), name).toBe(false);
  }
  expect(isSecret('untitled:Untitled-1')).toBe(false);
});

it.each(['/', './', '//', '***/['])('names nothing by %s, and fails on nothing', (glob) => {
  expect(isSecret('file:///a/b.txt', { [glob]: true })).toBe(false);
});

it('takes globs with a folder from the folders of the workspace, on every system', () => {
  const globs = { 'config/prod.yaml': true };
  const isOne = (uri: string, ...folders: string[]) => isSecret(uri, globs, folders);
  expect(isOne('file:///work/config/prod.yaml', '/other', '/work')).toBe(true);
  expect(isOne('file:///c%3A/work/config/prod.yaml', 'C:\\work')).toBe(true);
  expect(isOne('file:///work/deep/config/prod.yaml', '/work')).toBe(false);
  expect(isOne('file:///work/config/prod.yaml')).toBe(false);
});

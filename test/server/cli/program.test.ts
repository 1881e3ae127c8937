import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { version } from '../../../package.json';
import { run } from '../../../server/cli/program';

let out: MockInstance;
let err: MockInstance;
beforeEach(() => {
  out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => vi.restoreAllMocks());

const call = (...args: string[]) => run(['node', 'cli.js', ...args]);
const printed = (stream: MockInstance) => stream.mock.calls.map(([text]) => text).join('');

describe('the command line', () => {
  it.each([
    [[]],
    [['fly']],
    [['complete']],
    [['complete', 'a.ts']],
    [['complete', 'a.ts:1:1', 'b.ts:1:1']],
    [['complete', 'a.ts:1:1', '--fast']],
    [['complete', 'a.ts:1:1', '--device', 'tpu']],
    [['complete', 'a.ts:1:1', '--without', 'kv,magic']],
    [['complete', 'a.ts:1:1', '--max-tokens', '0']],
    [['complete', 'a.ts:1:1', '--reuse', 'none']],
    [['replay', 'a.jsonl', '--copy-rule', 'first']],
    [['replay', 'a.jsonl', '--context', 'recent=many']],
    [['replay', 'a.jsonl', '--context', 'magic=1']],
    [['eval', 'lines', '.', '--cache-megabytes', '-1']],
    [['replay']],
    [['eval']],
    [['eval', 'lines', '.', '--n', 'many']],
    [['bench', 'nothing']],
    [['models', 'rename']],
  ])('%j is wrong usage', async (args) => {
    expect(await call(...args)).toBe(2);
    expect(printed(err)).not.toBe('');
    expect(printed(out)).toBe('');
  });

  it('tells help and version', async () => {
    expect(await call('--version')).toBe(0);
    expect(printed(out)).toBe(`${version}\n`);
    expect(await call('--help')).toBe(0);
    for (const name of ['complete', 'replay', 'eval', 'bench', 'models'])
      expect(printed(out)).toContain(name);
  });

  it('fails with 1 and one line for a file that is not there', async () => {
    expect(await call('complete', '/no/such/file.ts:1:1', '--without', 'kv,copy')).toBe(1);
    expect(printed(err)).toBe('/no/such/file.ts cannot be read: there is no such file; check the path.\n');
  });
});

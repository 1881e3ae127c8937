import { Command } from 'commander';
import { expect, it } from 'vitest';
import { settingsOf, withEngineOptions } from '../../../server/cli/options';
import { engineOptions } from '../../../server/engine/options';
import { defaultSettings } from '../../../server/protocol';

const settings = (...args: string[]) =>
  settingsOf(withEngineOptions(new Command()).parse(args, { from: 'user' }).opts());

it('takes the defaults of the settings, with every language and file on and nothing held back', () => {
  const on = { enable: { '*': true }, disable: {} };
  expect(settings()).toEqual({ ...defaultSettings, ...on, eagerness: 'eager' });
});

it('gives each flag to its setting', () => {
  const args = [
    '--reuse',
    'splice',
    '--copy-rule',
    'copyspec',
    '--cache-megabytes',
    '7',
    '--max-tokens',
    '9',
    '--decoding',
    'beam',
    '--precision',
    'fp32',
    '--context',
    'recent=48, open=0',
  ];
  const chosen = {
    cacheReuse: 'splice',
    copyRule: 'copyspec',
    cacheMegabytes: 7,
    maxTokens: 9,
    decoding: 'beam',
    precision: 'fp32',
    context: { ...defaultSettings.context, recent: 48, open: 0 },
  };
  expect(settings(...args)).toMatchObject(chosen);
  expect(engineOptions(settings(...args), '/').cacheBytes).toBe(7 * 1024 * 1024);
});

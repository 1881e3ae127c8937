import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../../server/protocol';
import { languageOn, parseSettings } from '../../server/settings';

describe('parseSettings', () => {
  it('gives the defaults for nothing', () => {
    for (const raw of [undefined, null, {}]) {
      expect(parseSettings(raw)).toEqual({ settings: defaultSettings, problems: [] });
    }
  });

  it('takes what is right, and leaves the rest as it was', () => {
    const base = { ...defaultSettings, threads: 3 };
    const { settings, problems } = parseSettings({ precision: 'int4', maxTokens: 5, unknown: 1 }, base);
    expect(settings).toEqual({ ...base, precision: 'int4', maxTokens: 5 });
    expect(problems).toEqual([]);
  });

  it('takes null for the default, whatever was said before', () => {
    const base = { ...defaultSettings, debounce: 300, signatureTokens: 64, maxTokens: 5 };
    expect(parseSettings({ debounce: null, signatureTokens: null }, base).settings).toEqual({
      ...defaultSettings,
      maxTokens: 5,
    });
  });

  it('takes the parts of the hub that are named, and the defaults of the others', () => {
    const { settings } = parseSettings({ hub: { endpoint: ' https://hub.example ' } });
    expect(settings.hub).toEqual({ endpoint: 'https://hub.example', proxy: '', offline: false });
  });

  it('falls back to the default for what is wrong, and names it', () => {
    const wrong = {
      enable: { python: 'yes' },
      disable: { '*.md': 1 },
      secretFiles: ['*.secret'],
      context: { recent: -1 },
      model: 7,
      device: 'gpu',
      precision: 'int2',
      threads: -1,
      contextTokens: 0.5,
      maxTokens: '12',
      multiline: true,
      cacheMegabytes: -1,
      cacheReuse: 'move',
      copyRule: 3,
      hub: { endpoint: 'https://hub.example', offline: 'yes' },
      without: ['magic'],
    };
    const base = { ...defaultSettings, model: 'mine', threads: 3, multiline: 'never' as const };
    const { settings, problems } = parseSettings(wrong, base);
    expect(settings).toEqual(defaultSettings);
    for (const key of Object.keys(wrong)) {
      expect(problems.filter((problem) => problem.includes(`slipstream.${key} `))).toHaveLength(1);
    }
  });

  it('repeats nothing of a wrong value that may hold a password', () => {
    const hub = { proxy: 'http://me:hunter2@proxy:8080', offline: 'no' };
    const { problems } = parseSettings({ hub, languageServers: { rust: 'server --token hunter2' } });
    expect(problems).toHaveLength(2);
    expect(problems.join(' ')).not.toContain('hunter2');
  });

  it('adds what is named to lists and budgets, and takes back what is set to false', () => {
    const { settings, problems } = parseSettings({
      disable: { '*.md': true, generated: false },
      secretFiles: { '*.mine': true, '.env': false },
      context: { recent: 7, open: null },
    });
    expect(problems).toEqual([]);
    expect(settings.disable).toEqual({ ...defaultSettings.disable, '*.md': true, generated: false });
    expect(settings.secretFiles).toMatchObject({ '*.mine': true, '.env': false, '.env.*': true });
    expect(settings.context).toEqual({ ...defaultSettings.context, recent: 7 });
    expect(parseSettings({ context: { magic: 3 } }).problems).toHaveLength(1);
  });

  it('survives anything that is not an object', () => {
    for (const raw of [1, 'x', [], true]) expect(parseSettings(raw).problems).toHaveLength(1);
  });
});

describe('languageOn', () => {
  it('asks the language first and * for the rest', () => {
    const { settings } = parseSettings({ enable: { '*': false, python: true } });
    expect(languageOn(settings, 'python')).toBe(true);
    expect(languageOn(settings, 'typescript')).toBe(false);
    expect(languageOn(defaultSettings, 'plaintext')).toBe(false);
    expect(languageOn(defaultSettings, 'rust')).toBe(true);
  });
});

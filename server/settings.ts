import { copyRules, decodingModes, reuseModes, techniques } from '../engine/index';
import { eagernesses } from './completion/confidence';
import { contextSources, defaultSettings, type HubSettings, type Settings } from './protocol';

/** One setting's reader: the accepted value, or what would have been accepted. */
type Reader<T> = (raw: unknown) => { value: T } | { expected: string };

const text: Reader<string> = (raw) =>
  typeof raw === 'string' ? { value: raw.trim() } : { expected: 'a text' };

const oneOf =
  <T extends string>(...choices: readonly T[]): Reader<T> =>
  (raw) => {
    const value = choices.find((choice) => choice === raw);
    return value === undefined ? { expected: `one of ${choices.join(', ')}` } : { value };
  };

const integer =
  (least: number, most: number): Reader<number> =>
  (raw) =>
    typeof raw === 'number' && Number.isInteger(raw) && raw >= least && raw <= most
      ? { value: raw }
      : { expected: `a whole number from ${least} to ${most}` };

const listOf =
  <T extends string>(...choices: readonly T[]): Reader<T[]> =>
  (raw) =>
    Array.isArray(raw) && raw.every((entry) => choices.includes(entry))
      ? { value: [...raw] }
      : { expected: `a list of ${choices.join(', ')}` };

/** Languages that are not named keep their default, so that naming one does not switch the rest. */
const languageSwitches: Reader<Record<string, boolean>> = (raw) =>
  isRecord(raw) && Object.values(raw).every((entry) => typeof entry === 'boolean')
    ? { value: { ...defaultSettings.enable, ...(raw as Record<string, boolean>) } }
    : { expected: 'an object of language ids with true or false' };

/** What is not named keeps its default, so that adding a glob does not take the others away. */
const globSwitches =
  (key: 'disable' | 'secretFiles'): Reader<Record<string, boolean>> =>
  (raw) =>
    isRecord(raw) && Object.values(raw).every((entry) => typeof entry === 'boolean')
      ? { value: { ...defaultSettings[key], ...(raw as Record<string, boolean>) } }
      : { expected: 'an object of globs with true or false' };

const isBudget = (value: unknown): value is number | null =>
  value === null || (Number.isInteger(value) && Number(value) >= 0);

const contextBudgets: Reader<Settings['context']> = (raw) =>
  isRecord(raw) &&
  Object.entries(raw).every(
    ([name, value]) => contextSources.some((source) => source === name) && isBudget(value),
  )
    ? { value: { ...defaultSettings.context, ...(raw as Partial<Settings['context']>) } }
    : { expected: `an object of ${contextSources.join(', ')} with numbers of tokens` };

const isCommand = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((part) => typeof part === 'string');

const commandLines: Reader<Record<string, string[]>> = (raw) =>
  isRecord(raw) && Object.values(raw).every(isCommand)
    ? { value: raw as Record<string, string[]> }
    : { expected: 'an object of language ids with lists of a program and its arguments' };

/** What is not named keeps its default. */
const hub: Reader<HubSettings> = (raw) => {
  const { endpoint = '', proxy = '', offline = false } = isRecord(raw) ? raw : {};
  return isRecord(raw) &&
    typeof endpoint === 'string' &&
    typeof proxy === 'string' &&
    typeof offline === 'boolean'
    ? { value: { endpoint: endpoint.trim(), proxy: proxy.trim(), offline } }
    : { expected: 'an object with endpoint and proxy (addresses) and offline (true or false)' };
};

const readers: { readonly [Key in keyof Settings]: Reader<Settings[Key]> } = {
  enable: languageSwitches,
  disable: globSwitches('disable'),
  secretFiles: globSwitches('secretFiles'),
  model: text,
  device: oneOf('auto', 'cpu', 'webgpu'),
  precision: oneOf('int8', 'int4', 'fp32'),
  threads: integer(0, 256),
  contextTokens: integer(64, 131_072),
  cacheMegabytes: integer(0, 1_048_576),
  unloadMinutes: integer(0, 10_080),
  maxTokens: integer(1, 1024),
  multiline: oneOf('auto', 'never'),
  eagerness: oneOf(...eagernesses),
  debounce: integer(0, 2000),
  cacheReuse: oneOf(...reuseModes),
  copyRule: oneOf(...copyRules),
  decoding: oneOf(...decodingModes),
  signatureTokens: integer(0, 8192),
  context: contextBudgets,
  analysisMegabytes: integer(64, 1_048_576),
  languageServers: commandLines,
  hub,
  without: listOf(...techniques, 'type-through', 'sharing'),
};

export interface ParsedSettings {
  readonly settings: Settings;
  /** One sentence for each value that was not accepted. */
  readonly problems: readonly string[];
}

/**
 * Reads the `slipstream` section as any client may send it. A value that is missing keeps the base's; null gives the default
 * back, as an editor says it of a setting that was taken out; one that is wrong is named in `problems`, and the default is used.
 */
export function parseSettings(raw: unknown, base: Settings = defaultSettings): ParsedSettings {
  if (raw === undefined || raw === null) return { settings: base, problems: [] };
  if (!isRecord(raw)) return { settings: base, problems: ['Settings must be an object; they are ignored.'] };

  const settings: Settings = { ...base };
  const problems: string[] = [];
  for (const key of Object.keys(readers) as (keyof Settings)[]) readInto(settings, key, raw[key], problems);
  return { settings, problems };
}

/** Passwords of proxies and tokens of programs stand here, and what is a problem goes into the log. */
const mayHoldSecrets: ReadonlySet<keyof Settings> = new Set(['hub', 'languageServers']);

function readInto<Key extends keyof Settings>(
  settings: Settings,
  key: Key,
  raw: unknown,
  problems: string[],
): void {
  if (raw === undefined) return;
  if (raw === null) {
    settings[key] = defaultSettings[key];
    return;
  }
  const read: Reader<Settings[Key]> = readers[key];
  const result = read(raw);
  if ('value' in result) {
    settings[key] = result.value;
    return;
  }
  settings[key] = defaultSettings[key];
  const used = JSON.stringify(defaultSettings[key]);
  const given = mayHoldSecrets.has(key) ? 'something else' : JSON.stringify(raw);
  problems.push(`slipstream.${key} is ${given}, but must be ${result.expected}; ${used} is used instead.`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether completions are on for a language id: its own switch, else that of `*`. */
export function languageOn(settings: Settings, languageId: string): boolean {
  return settings.enable[languageId] ?? settings.enable['*'] ?? true;
}

import { type Command, InvalidArgumentError } from 'commander';
import {
  type CopyRule,
  copyRules,
  type DecodingMode,
  decodingModes,
  type ReuseMode,
  reuseModes,
  techniques,
} from '../../engine/index';
import { contextSources, defaultSettings, type Settings } from '../protocol';

/** The options that every command which generates text has. */
export interface EngineFlags {
  model?: string;
  device?: Settings['device'];
  precision?: Settings['precision'];
  without?: string[];
  reuse?: ReuseMode;
  copyRule?: CopyRule;
  cacheMegabytes?: number;
  maxTokens?: number;
  signatureTokens?: number;
  context?: Partial<Settings['context']>;
  decoding?: DecodingMode;
  json?: boolean;
}

export const precisions = ['int8', 'int4', 'fp32'] as const;
export const devices = ['auto', 'cpu', 'webgpu'] as const;

export function withEngineOptions(command: Command): Command {
  return command
    .option('--model <DIR>', 'folder of a Hugging Face model, or the name of an added one')
    .option('--device <device>', devices.join('|'), parseOneOf(devices))
    .option('--precision <precision>', precisions.join('|'), parseOneOf(precisions))
    .option('--without <techniques>', `comma-separated: ${techniques.join(',')}`, parseTechniques)
    .option('--reuse <mode>', `cached rows behind an edit: ${reuseModes.join('|')}`, parseOneOf(reuseModes))
    .option(
      '--copy-rule <rule>',
      `how text to repeat is looked up: ${copyRules.join('|')}`,
      parseOneOf(copyRules),
    )
    .option(
      '--signature-tokens <N>',
      'tokens of the prompt for signatures from other files (complete)',
      parseSeed,
    )
    .option(
      '--context <budgets>',
      `tokens of the prompt for what was worked with, such as recent=128,open=0: ${contextSources.join(',')} (replay)`,
      parseBudgets,
    )
    .option('--cache-megabytes <N>', 'memory of all KV caches together', parseSeed)
    .option('--decoding <mode>', decodingModes.join('|'), parseOneOf(decodingModes))
    .option('--max-tokens <N>', 'most tokens of one completion', parseCount)
    .option('--json', 'print JSON');
}

/** Languages are never off here: who names a file on the command line wants it completed. */
export function settingsOf(flags: EngineFlags): Settings {
  return {
    ...defaultSettings,
    enable: { '*': true },
    disable: {},
    model: flags.model ?? defaultSettings.model,
    precision: flags.precision ?? defaultSettings.precision,
    device: flags.device ?? defaultSettings.device,
    decoding: flags.decoding ?? defaultSettings.decoding,
    eagerness: 'eager',
    signatureTokens: flags.signatureTokens ?? defaultSettings.signatureTokens,
    context: { ...defaultSettings.context, ...flags.context },
    maxTokens: flags.maxTokens ?? defaultSettings.maxTokens,
    without: flags.without ?? defaultSettings.without,
    cacheReuse: flags.reuse ?? defaultSettings.cacheReuse,
    copyRule: flags.copyRule ?? defaultSettings.copyRule,
    cacheMegabytes: flags.cacheMegabytes ?? defaultSettings.cacheMegabytes,
  };
}

export function parseOneOf<T extends string>(choices: readonly T[]): (text: string) => T {
  return (text) => {
    const choice = choices.find((name) => name === text);
    if (choice === undefined) throw new InvalidArgumentError(`Must be one of ${choices.join(', ')}.`);
    return choice;
  };
}

function parseBudgets(text: string): Partial<Settings['context']> {
  const budgets = text.split(',').map((part): [string, number] => {
    const [, name = '', tokens] = /^\s*(\w+)=(\d{1,6})\s*$/.exec(part) ?? [];
    if (!contextSources.some((source) => source === name)) {
      throw new InvalidArgumentError(
        `"${part}" is not a number of tokens for one of ${contextSources.join(', ')}.`,
      );
    }
    return [name, Number(tokens)];
  });
  return Object.fromEntries(budgets);
}

function parseTechniques(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !techniques.some((technique) => technique === name));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(`"${unknown}" is not one of ${techniques.join(', ')}.`);
  }
  return names;
}

/** A whole number from 1. */
export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Must be a whole number from 1.');
  return Number(text);
}

/** A whole number from 0. */
export function parseSeed(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Must be a whole number from 0.');
  return Number(text);
}

import * as vscode from 'vscode';
import { defaultSettings, type Settings } from '../server/protocol';
import { type EnableMap, withAllLanguages, withLanguage } from './enableMap';

export const section = 'slipstream';

export function readSettings(): Settings {
  const configuration = vscode.workspace.getConfiguration(section);
  const read = <Key extends keyof Settings>(key: Key): Settings[Key] =>
    configuration.get<Settings[Key]>(key, defaultSettings[key]);
  return {
    enable: read('enable'),
    disable: read('disable'),
    secretFiles: read('secretFiles'),
    model: read('model'),
    device: read('device'),
    precision: read('precision'),
    threads: read('threads'),
    contextTokens: read('contextTokens'),
    cacheMegabytes: read('cacheMegabytes'),
    unloadMinutes: read('unloadMinutes'),
    maxTokens: read('maxTokens'),
    multiline: read('multiline'),
    eagerness: read('eagerness'),
    debounce: read('debounce'),
    cacheReuse: read('cacheReuse'),
    copyRule: read('copyRule'),
    decoding: read('decoding'),
    signatureTokens: read('signatureTokens'),
    context: read('context'),
    analysisMegabytes: read('analysisMegabytes'),
    languageServers: read('languageServers'),
    hub: read('hub'),
    without: read('without'),
  };
}

export const isTrusted = (): boolean => vscode.workspace.isTrusted;

export const setAllLanguages = (on: boolean) => updateEnable('*', (map) => withAllLanguages(map, on));

export const setLanguage = (language: string, on: boolean) =>
  updateEnable(language, (map) => withLanguage(map, language, on));

/** Writes where it is already set, else to the user's settings: elsewhere it would have no effect. */
export async function setModel(model: string): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(section);
  const inWorkspace = isTrusted() && configuration.inspect('model')?.workspaceValue !== undefined;
  const target = inWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  // The default is no setting at all.
  await configuration.update('model', model === '' && !inWorkspace ? undefined : model, target);
}

/** Writes where `key` is already set most specifically, else to the user's settings: elsewhere it would have no effect. */
async function updateEnable(key: string, change: (map: EnableMap) => EnableMap): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(section);
  const values = configuration.inspect<EnableMap>('enable');
  const inWorkspace = values?.workspaceValue?.[key] !== undefined;
  const own = (inWorkspace ? values?.workspaceValue : values?.globalValue) ?? {};
  const target = inWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  await configuration.update('enable', change(own), target);
}

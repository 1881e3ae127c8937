import * as vscode from 'vscode';
import { defaultSettings, type Settings } from '../server/protocol';
import { type EnableMap, withAllLanguages, withLanguage, withoutLanguages } from './enableMap';

export const section = 'slipstream';

const configuration = () => vscode.workspace.getConfiguration(section);
const inspectEnable = () => configuration().inspect<EnableMap>('enable');

export function readSettings(): Settings {
  const current = configuration();
  const read = <Key extends keyof Settings>(key: Key): Settings[Key] =>
    current.get<Settings[Key]>(key, defaultSettings[key]);
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

/** Where what was taken out of a layer of the settings is kept until it is given back. */
export interface Mementos {
  readonly globalState: vscode.Memento;
  readonly workspaceState: vscode.Memento;
}

const takenKey = 'enable.taken';

/** Switches the user's settings, and the workspace's where these say otherwise. */
export async function setAllLanguages(on: boolean, mementos: Mementos): Promise<void> {
  const { Global, Workspace } = vscode.ConfigurationTarget;
  const values = inspectEnable();
  await switchAll(values?.globalValue ?? {}, Global, on, mementos.globalState);
  const shared = values?.workspaceValue ?? {};
  const isContrary = on ? shared['*'] === false : Object.values(shared).includes(true);
  if (isContrary) await switchAll(shared, Workspace, on, mementos.workspaceState);
}

async function switchAll(
  own: EnableMap,
  target: vscode.ConfigurationTarget,
  on: boolean,
  memento: vscode.Memento,
): Promise<void> {
  const before = memento.get<EnableMap>(takenKey, {});
  const { map, taken } = on
    ? { map: withAllLanguages(own, before), taken: {} }
    : { ...withoutLanguages(own), taken: { ...before, ...withoutLanguages(own).taken } };
  await configuration().update('enable', map, target);
  await memento.update(takenKey, taken);
}

/** Writes where the language is already set most specifically, else to the user's settings: elsewhere it would have no effect. */
export async function setLanguage(language: string, on: boolean): Promise<void> {
  const values = inspectEnable();
  const inWorkspace = values?.workspaceValue?.[language] !== undefined;
  const own = (inWorkspace ? values?.workspaceValue : values?.globalValue) ?? {};
  const target = inWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  await configuration().update('enable', withLanguage(own, language, on), target);
}

/** Writes where it is already set, else to the user's settings: elsewhere it would have no effect. */
export async function setModel(model: string): Promise<void> {
  const inWorkspace = isTrusted() && configuration().inspect('model')?.workspaceValue !== undefined;
  const target = inWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  // The default is no setting at all.
  await configuration().update('model', model === '' && !inWorkspace ? undefined : model, target);
}

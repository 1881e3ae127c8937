import { expect, test } from 'vitest';
import { commandIds } from '../../client/commandIds';
import { techniques } from '../../engine/completion';
import manifest from '../../package.json';
import { defaultSettings } from '../../server/protocol';

const { commands, configuration } = manifest.contributes;
const properties: Record<string, { default: unknown; scope: string }> = configuration.properties;

test('the defaults of package.json are those of the protocol, setting for setting', () => {
  const defaults = Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name.replace('slipstream.', ''), property.default]),
  );
  expect(defaults).toEqual(defaultSettings);
});

test('every command of package.json is one that the client registers', () => {
  const registered: readonly string[] = Object.values(commandIds);
  for (const { command, category } of commands) {
    expect(registered).toContain(command);
    expect(category).toBe('Slipstream');
  }
});

test('the techniques that can be switched off are those of the engine', () => {
  expect(configuration.properties['slipstream.without'].items.enum).toEqual([...techniques]);
});

test('a workspace that is not trusted cannot choose the model folder', () => {
  expect(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations).toContain('slipstream.model');
});

// The scope `machine-overridable` would do the same, but VS Code ignores it in the user's settings of a remote window,
// and that is where Slipstream, which runs on the user's own machine, has to find them.
test('what depends on the machine is not carried to others by settings sync, and holds in remote windows', () => {
  for (const name of ['model', 'device', 'precision', 'threads', 'contextTokens'])
    expect(properties[`slipstream.${name}`]).toMatchObject({ scope: 'window', ignoreSync: true });
});

test('no key of the editor is taken', () => {
  expect(manifest.contributes).not.toHaveProperty('keybindings');
});

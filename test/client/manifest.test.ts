import { readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
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

test('what can be switched off are the techniques of the engine, answers from earlier completions, and sharing', () => {
  const { enum: names } = configuration.properties['slipstream.without'].items;
  expect(names).toEqual([...techniques, 'type-through', 'sharing']);
});

test('a workspace that is not trusted cannot choose the model folder', () => {
  expect(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations).toContain('slipstream.model');
});

test('a workspace that is not trusted cannot say which files are secret, nor what is shown of others', () => {
  const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
  expect(restrictedConfigurations).toContain('slipstream.secretFiles');
  expect(restrictedConfigurations).toContain('slipstream.context');
});

// The scope `machine-overridable` would do the same, but VS Code ignores it in the user's settings of a remote window,
// and that is where Slipstream, which runs on the user's own machine, has to find them.
test('what depends on the machine is not carried to others by settings sync, and holds in remote windows', () => {
  for (const name of ['model', 'device', 'precision', 'threads', 'contextTokens'])
    expect(properties[`slipstream.${name}`]).toMatchObject({ scope: 'window', ignoreSync: true });
});

test('one key is bound, which the editor leaves free, and only where text can be written', () => {
  expect(manifest.contributes.keybindings).toEqual([
    { command: commandIds.trigger, key: 'alt+\\', when: 'editorTextFocus && !editorReadonly' },
  ]);
});

describe('the walkthrough', () => {
  const steps = manifest.contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);

  test('has a small picture of the product, with a text for who cannot see it, in each step', () => {
    for (const { media } of steps) {
      expect(statSync(media.image).size).toBeLessThan(100_000);
      expect(media.altText.length).toBeGreaterThan(20);
    }
  });

  test('leads to commands that there are', () => {
    const own: readonly string[] = Object.values(commandIds);
    const linked = steps.flatMap(({ description }) =>
      [...description.matchAll(/\(command:([\w.]+)/g)].map(([, id = '']) => id),
    );
    expect(linked.length).toBeGreaterThan(4);
    for (const id of linked.filter((id) => id.startsWith('slipstream.'))) expect(own).toContain(id);
    const events = steps.flatMap(({ completionEvents }) => completionEvents);
    for (const event of events.filter((event) => event.includes(':slipstream.')))
      expect(own).toContain(event.replace('onCommand:', ''));
  });
});

test('the icon is a picture of 128 by 128', () => {
  const png = readFileSync(manifest.icon);
  expect(png.toString('latin1', 1, 4)).toBe('PNG');
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([128, 128]);
});

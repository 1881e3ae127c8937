import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isOn, withAllLanguages, withLanguage, withoutLanguages } from '../../client/enableMap';

const languages = ['typescript', 'python', 'markdown', 'plaintext'];
const anyMap = fc.dictionary(fc.constantFrom('*', ...languages), fc.boolean());
/** The user's own map goes over this one, key by key, as the editor does it. */
const defaults = { '*': true, plaintext: false };

test('after disabling everywhere no language is on, whatever the defaults and the user say', () => {
  fc.assert(
    fc.property(anyMap, (map) => {
      const changed = { ...defaults, ...withoutLanguages(map).map };
      for (const language of [...languages, 'never named']) expect(isOn(changed, language)).toBe(false);
    }),
  );
});

test('after enabling everywhere only the languages that were switched off by name are off', () => {
  fc.assert(
    fc.property(anyMap, fc.constantFrom('typescript', 'python'), (map, language) => {
      expect(isOn(withAllLanguages(map, {}), language)).toBe(map[language] !== false);
    }),
  );
});

test('disabling and enabling gives back what was switched on by name', () => {
  fc.assert(
    fc.property(anyMap, fc.constantFrom(...languages), (user, language) => {
      const { map, taken } = withoutLanguages(user);
      const both = { ...defaults, ...withAllLanguages(map, taken) };
      expect(isOn(both, language)).toBe(isOn({ ...defaults, ...user, '*': true }, language));
    }),
  );
});

test('switching one language changes no other', () => {
  fc.assert(
    fc.property(anyMap, fc.boolean(), (map, on) => {
      const changed = withLanguage(map, 'typescript', on);
      expect(isOn(changed, 'typescript')).toBe(on);
      expect(isOn(changed, 'python')).toBe(isOn(map, 'python'));
    }),
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isOn, withAllLanguages, withLanguage } from '../../client/enableMap';

const anyMap = fc.dictionary(fc.constantFrom('*', 'typescript', 'python', 'markdown'), fc.boolean());

test('after disabling everywhere no language is on', () => {
  fc.assert(
    fc.property(anyMap, (map) => {
      const changed = withAllLanguages(map, false);
      for (const language of ['typescript', 'python', 'never named'])
        expect(isOn(changed, language)).toBe(false);
    }),
  );
});

test('after enabling everywhere only the languages that were switched off by name are off', () => {
  fc.assert(
    fc.property(anyMap, fc.constantFrom('typescript', 'python'), (map, language) => {
      expect(isOn(withAllLanguages(map, true), language)).toBe(map[language] !== false);
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

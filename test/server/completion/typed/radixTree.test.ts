import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRadixTree } from '../../../../server/completion/typed/radixTree';

// Few letters, so that keys share beginnings; halves of a surrogate pair are units like any other.
const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\ud83d', '\ude00'), maxLength: 8 });
const change = fc.oneof(fc.record({ set: text }), fc.record({ remove: text }));

it('holds what a map holds, and finds along a text what begins it, the longest first', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), fc.array(text, { maxLength: 5 }), (changes, asked) => {
      const tree = createRadixTree<{ set: string }>();
      const map = new Map<string, { set: string }>();
      const removals = new Map<string, () => void>();
      for (const one of changes) {
        if ('set' in one) {
          const remove = tree.set(one.set, one);
          map.set(one.set, one);
          removals.set(one.set, remove);
        } else {
          removals.get(one.remove)?.();
          map.delete(one.remove);
        }
      }
      for (const key of [...asked, ...map.keys()]) {
        expect(tree.get(key)).toBe(map.get(key));
        const along = [...map].filter(([other]) => key.startsWith(other));
        along.sort(([one], [other]) => other.length - one.length);
        expect(tree.along(key)).toEqual(along.map(([{ length }, value]) => ({ length, value })));
      }
    }),
  );
});

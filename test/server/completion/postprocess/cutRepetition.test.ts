import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutRepetition } from '../../../../server/completion/postprocess/cutRepetition';
import { filterPicture } from '../pictures';

const filter = (picture: string) => filterPicture(picture, cutRepetition);

describe('cutRepetition', () => {
  it('keeps one round of a loop of lines', () => {
    expect(filter('├start();\n  this.next();\n  this.next();\n  this.next();\n  this.next();\n┤')).toBe(
      '├start();\n  this.next();┤',
    );
  });

  it('keeps one round of a loop that was cut off', () => {
    expect(filter('├x = value + value + value + value + val┤')).toBe('├x = value +┤');
  });

  it('does not end within a word', () => {
    expect(filter('  tra├ce._trace._trace._trace._trace._trace┤')).toBe('  tra├ce._trace┤');
  });

  it('keeps what people write: short runs, rulers, two equal lines', () => {
    for (const text of ['0, 0, 0, 0', '// ----------------------------------------', 'a();\na();\nb();']) {
      expect(filter(`├${text}┤`)).toBe(`├${text}┤`);
    }
  });

  it('keeps one round of a short loop for which the engine has stopped', () => {
    const stopped = (picture: string) =>
      filterPicture(picture, cutRepetition, 'line', { stopReason: 'repetition' });
    expect(stopped('// ──├spspspspspspspspspsp┤')).toBe('// ──├sp┤');
    expect(stopped('├x = 10000000000┤')).toBe('├x = 10┤');
    expect(stopped('├// ──────────┤')).toBe('├// ──────────┤');
  });

  it('does nothing to a text without a loop, and ends every loop that it cuts', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 30 }),
        fc.stringMatching(/^[a-z][a-z();\n]{3,20}$/),
        (start, unit) => {
          const looped = filterPicture(`├${start}${unit.repeat(8)}┤`, cutRepetition).slice(1, -1);
          expect(looped.length).toBeLessThanOrEqual(start.length + 2 * unit.length);
          expect((start + unit.repeat(8)).startsWith(looped)).toBe(true);
        },
      ),
    );
  });
});

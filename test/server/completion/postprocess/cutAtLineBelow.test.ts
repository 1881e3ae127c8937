import { describe, expect, it } from 'vitest';
import { cutAtLineBelow } from '../../../../server/completion/postprocess/cutAtLineBelow';
import { filterPicture } from '../pictures';

const filter = (picture: string) => filterPicture(picture, cutAtLineBelow);

describe('cutAtLineBelow', () => {
  it('ends before a line that stands below already', () => {
    expect(filter('case 1:\n  ├one();\n  break;\ncase 2:┤\n  break;\n')).toBe(
      'case 1:\n  ├one();┤\n  break;\n',
    );
  });

  it('drops a completion that is the line below', () => {
    expect(filter('  ├return total;┤\n  return total;\n')).toBe('  ├┤\n  return total;\n');
    expect(filter('  return ├total;┤\n\n  return total;\n')).toBe('  return ├┤\n\n  return total;\n');
  });

  it('leaves a closing bracket to the same one below', () => {
    expect(filter('if (a) {├\n  b();\n}┤\n}\n')).toBe('if (a) {├\n  b();┤\n}\n');
  });

  it('keeps a closing bracket of another depth, and one that is not the end', () => {
    const nested = 'function f() {\n  if (a) {├\n    b();\n  }┤\n}\n';
    expect(filter(nested)).toBe(nested);
    const between = '{├\n  if (a) {\n}\n  b();┤\n}\n';
    expect(filter(between)).toBe(between);
  });

  it('ends before three lines that hardly differ from those below', () => {
    const below = '\n  const total = sum(prices);\n  const rate = rateOf(country);\n  return total * rate;\n';
    const nearly = below.trimEnd().replace('prices', 'price');
    expect(filter(`  log(a);├${nearly}┤${below}`)).toBe(`  log(a);├┤${below}`);
    const other = below.trimEnd().replace('prices', 'costs').replace('country', 'place');
    expect(filter(`  log(a);├${other}┤${below}`)).toBe(`  log(a);├${other}┤${below}`);
  });
});

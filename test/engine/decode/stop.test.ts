import { describe, expect, test } from 'vitest';
import type { CompletionMode } from '../../../engine/completion';
import { stopRules } from '../../../engine/decode/stop';

/**
 * Feeds a completion character by character, as tokens would come, and returns where and why it was ended.
 * In the picture `║` is the caret and `├…┤` what the model would write.
 */
function run(mode: CompletionMode, picture: string) {
  const [prefix = '', rest = ''] = picture.split('├');
  const [generated = '', suffix = ''] = rest.split('┤');
  const rule = stopRules(mode, prefix, suffix);
  for (let end = 1; end <= generated.length; end++) {
    const stop = rule(generated.slice(0, end));
    if (stop) return stop;
  }
  return { reason: 'still going', text: generated };
}

describe('a line', () => {
  test('ends at the line break', () => {
    expect(run('line', 'const a = ├1;\nconst b = 2;┤\n')).toEqual({ reason: 'line-end', text: '1;' });
  });

  test('ends where the rest of the line begins', () => {
    expect(run('line', 'call(├first, second)┤, second)\n')).toEqual({
      reason: 'suffix-reached',
      text: 'first',
    });
  });

  test('is not ended by brackets of its own that look like the rest of the line', () => {
    expect(run('line', 'f(├g(a, options), options)┤, options)\n').text).toBe('g(a, options)');
    expect(run('line', 'if (├isX(a)) {┤) {\n').text).toBe('isX(a)');
  });

  test('is not ended by a short match with what follows', () => {
    expect(run('line', 'call(├a) + b)┤)\n').reason).toBe('still going');
  });
});

describe('a block', () => {
  test('ends behind the line that closes what the caret line opened', () => {
    const stop = run('block', 'function f() {├\n  return 1;\n}\n\nfunction g() {┤');
    expect(stop).toEqual({ reason: 'scope-left', text: '\n  return 1;\n}' });
  });

  test('goes on through an else branch', () => {
    const stop = run('block', 'if (a) {├\n  b();\n} else {\n  c();\n}\nd();\n┤');
    expect(stop.text).toBe('\n  b();\n} else {\n  c();\n}');
  });

  test('ends before a line that is indented less than the caret line', () => {
    const stop = run('block', 'def f():\n    ├x = 1\n    return x\nprint(f())\n┤');
    expect(stop).toEqual({ reason: 'scope-left', text: 'x = 1\n    return x' });
  });

  test('ends at a blank line', () => {
    expect(run('block', '  ├a();\n  b();\n\n  c();\n┤')).toEqual({
      reason: 'scope-left',
      text: 'a();\n  b();',
    });
  });

  test('ends before a sibling of the caret line', () => {
    expect(run('block', 'const a = [├\n  1,\nconst b = 2;\n┤').text).toBe('\n  1,');
  });

  test('ends before the line that the document goes on with', () => {
    const stop = run('block', '  ├a();\n  return total;\n┤\n  return total;\n}\n');
    expect(stop).toEqual({ reason: 'suffix-reached', text: 'a();' });
  });

  test('is not ended by a line of a block within it that is like the one the document goes on with', () => {
    const guard = run(
      'block',
      '  ├if (a) {\n    return null;\n  }\n  b();\n  return null;\n┤\n  return null;\n}\n',
    );
    expect(guard.text).toBe('if (a) {\n    return null;\n  }');
    const loop = run('block', "it('a', () => {\n  ├b.forEach((c) => {\n    d(c);\n  });\n});\n┤\n});\n");
    expect(loop.text).toBe('b.forEach((c) => {\n    d(c);\n  });');
    const ruby = run('block', 'def f\n  ├if x\n    y\n  end\n  z\nend\n┤\nend\n');
    expect(ruby.text).toContain('y\n  end');
  });

  test('never judges a line that may still grow', () => {
    expect(run('block', '  ├a();\n}┤').reason).toBe('still going');
  });
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CompletionResult } from '../../../../server/completion/result';
import { createAnswers, type TypedRequest } from '../../../../server/completion/typed/answers';
import { nothing, placeBetween, shown } from './support';

const uri = 'file:///a.ts';
const after = ';\nnext();\n';
const never = () => new AbortController().signal;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A generation that the test lets write and end. */
interface Run {
  readonly before: string;
  readonly signal: AbortSignal;
  readonly written: (text: string) => void;
  end(result: CompletionResult): void;
}

/** Somebody who types in one document, and an engine that does what the test says: when which of them does what is tested here. */
function session() {
  const answers = createAnswers();
  const runs: Run[] = [];
  const run = (before: string, signal: AbortSignal, written: (text: string) => void) =>
    new Promise<CompletionResult>((end) => {
      runs.push({ before, signal, written, end });
      signal.addEventListener('abort', () =>
        end({ ...nothing(), kind: 'empty', reason: 'cancelled', message: '' }),
      );
    });
  const request = (before: string, change: Partial<TypedRequest> = {}): TypedRequest => ({
    uri,
    place: placeBetween(before, after),
    surroundings: { before, after, there: before.length },
    deadlineMs: 500,
    waitMs: 0,
    generate: (_, signal, written) => run(before, signal, written),
    behind: (text) => ({
      place: placeBetween(before + text, after),
      surroundings: { before: before + text, after, there: before.length },
      generate: (_, signal, written) => run(before + text, signal, written),
    }),
    ...change,
  });
  return {
    answers,
    runs,
    request,
    /** The document changes to this, and nothing is asked. */
    type: (before: string, behind = after) => answers.changed(uri, before + behind, performance.now()),
    ask: (before: string, change?: Partial<TypedRequest>, signal = never()) =>
      answers.answer(request(before, change), signal),
    run: async (index: number): Promise<Run> => {
      await vi.waitFor(() => expect(runs.length).toBeGreaterThan(index));
      return runs[index] as Run;
    },
  };
}

let open = session();
afterEach(() => {
  open.answers.close(uri);
  open = session();
});

describe('what was generated before', () => {
  it('answers at once while it is typed, accepted in part, and after going back', async () => {
    const first = open.ask('x = ');
    (await open.run(0)).end(shown('total(of, these, items)'));
    expect(await first).toMatchObject({ text: 'total(of, these, items)', source: 'fresh' });
    for (const typed of ['x = t', 'x = to', 'x = total(', 'x = tot', 'x = total(of, ', 'x = ']) {
      open.type(typed);
      const rest = 'x = total(of, these, items)'.slice(typed.length);
      const answer = await open.ask(typed);
      expect(answer).toMatchObject({ text: rest, source: 'cache' });
      expect(answer.totalMs).toBeLessThan(100);
    }
    expect(open.runs).toHaveLength(1);
  });

  it('is not used where something else is typed', async () => {
    const first = open.ask('x = ');
    (await open.run(0)).end(shown('total()'));
    await first;
    open.type('x = y');
    const second = open.ask('x = y');
    (await open.run(1)).end(shown('ield'));
    expect(await second).toMatchObject({ text: 'ield', source: 'fresh' });
  });

  it('stays to be chosen when somebody asks for more', () => {
    const place = placeBetween('x = ', after);
    open.answers.learn(uri, place, shown('total()'));
    expect(open.answers.learn(uri, place, shown('sum()', ['max()']))).toMatchObject({
      text: 'sum()',
      alternatives: ['max()', 'total()'],
    });
    expect(open.answers.learn(uri, place, nothing())).toMatchObject({ kind: 'shown', text: 'sum()' });
  });

  it('is forgotten when what it was made from has changed', async () => {
    open.answers.learn(uri, placeBetween('x = ', after), shown('total()'));
    open.answers.clear();
    const answer = open.ask('x = ');
    (await open.run(0)).end(shown('sum()'));
    expect(await answer).toMatchObject({ text: 'sum()' });
  });
});

it('what was generated in another document is forgotten when this one changes', async () => {
  const place = placeBetween('x = ', after);
  open.answers.learn(uri, place, shown('total()'));
  open.answers.learn('file:///b.ts', place, shown('total()'));
  open.type('x = 1');
  const answer = open.ask('x = ', { uri: 'file:///b.ts' });
  (await open.run(0)).end(shown('sum()'));
  expect(await answer).toMatchObject({ text: 'sum()', source: 'fresh' });
  expect(await open.ask('x = ')).toMatchObject({ text: 'total()', source: 'cache' });
});

describe('what is being generated', () => {
  it('goes on while it may be what is typed, and answers the newer request', async () => {
    const gone = new AbortController();
    const first = open.ask('x = ', {}, gone.signal);
    const run = await open.run(0);
    run.written('tot');
    gone.abort();
    expect(await first).toMatchObject({ kind: 'empty', reason: 'cancelled' });
    open.type('x = t');
    const second = open.ask('x = t');
    run.end(shown('total()'));
    expect(await second).toMatchObject({ text: 'otal()', source: 'in-flight' });
    expect(open.runs).toHaveLength(1);
    expect(run.signal.aborted).toBe(false);
  });

  it('goes on behind a line break of a document whose lines end with CRLF', async () => {
    const first = open.ask('if (x) {');
    const run = await open.run(0);
    run.written('\n  return x;\n}');
    open.type('if (x) {\r\n  ');
    expect(run.signal.aborted).toBe(false);
    run.end(shown('\n  return x;\n}'));
    await first;
  });

  it('ends at once when something else is typed than it has written', async () => {
    void open.ask('x = ');
    const run = await open.run(0);
    run.written('tot');
    open.type('x = t');
    expect(run.signal.aborted).toBe(false);
    open.type('x = y');
    expect(run.signal.aborted).toBe(true);
  });

  it('gives way when it comes to write something else than what was typed meanwhile', async () => {
    void open.ask('x = ');
    const run = await open.run(0);
    open.type('x = y');
    const second = open.ask('x = y');
    expect(run.signal.aborted).toBe(false);
    run.written('tot');
    (await open.run(1)).end(shown('ield'));
    expect(run.signal.aborted).toBe(true);
    expect(await second).toMatchObject({ text: 'ield', source: 'fresh' });
  });

  it('ends soon when nobody asks for it again', async () => {
    const gone = new AbortController();
    void open.ask('x = ', {}, gone.signal);
    const run = await open.run(0);
    gone.abort();
    await vi.waitFor(() => expect(run.signal.aborted).toBe(true));
  });

  it('ends when another place is asked about', async () => {
    void open.ask('x = ');
    const run = await open.run(0);
    void open.ask('const y = ');
    await open.run(1);
    expect(run.signal.aborted).toBe(true);
  });
});

describe('the time for an answer', () => {
  it('holds whatever the engine does, and what comes later answers the next key', async () => {
    const started = performance.now();
    const answer = await open.ask('x = ', { deadlineMs: 80 });
    expect(answer).toMatchObject({ kind: 'empty', reason: 'deadline' });
    expect(performance.now() - started).toBeLessThan(1000);
    (await open.run(0)).end(shown('total()'));
    await pause(0);
    open.type('x = t');
    expect(await open.ask('x = t')).toMatchObject({ text: 'otal()', source: 'cache' });
  });

  it('holds for a request that waits for an earlier one, too', async () => {
    void open.ask('x = ');
    await open.run(0);
    open.type('x = t');
    const started = performance.now();
    expect(await open.ask('x = t', { deadlineMs: 80 })).toMatchObject({ reason: 'deadline' });
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('is used to wait for another key, without asking the engine', async () => {
    const gone = new AbortController();
    const first = open.ask('x = ', { waitMs: 60 }, gone.signal);
    await pause(20);
    gone.abort();
    expect(await first).toMatchObject({ reason: 'cancelled' });
    const second = open.ask('x = y', { waitMs: 60 });
    (await open.run(0)).end(shown('ield'));
    await second;
    expect(open.runs.map(({ before }) => before)).toEqual(['x = y']);
  });
});

describe('the completion behind the one that is shown', () => {
  async function show(text: string) {
    const first = open.ask('x = ');
    (await open.run(0)).end(shown(text));
    await first;
  }

  it('is there when that one is accepted', async () => {
    await show('total(of, these, items)');
    const ahead = await open.run(1);
    expect(ahead.before).toBe('x = total(of, these, items)');
    ahead.end(shown('.toFixed(2)'));
    await pause(0);
    open.type('x = total(of, these, items)');
    expect(await open.ask('x = total(of, these, items)')).toMatchObject({
      text: '.toFixed(2)',
      source: 'cache',
    });
  });

  it('answers when that one is accepted before it has ended', async () => {
    await show('total(of, these, items)');
    const ahead = await open.run(1);
    open.type('x = total(of, these, items)');
    const second = open.ask('x = total(of, these, items)');
    ahead.end(shown('.toFixed(2)'));
    expect(await second).toMatchObject({ text: '.toFixed(2)', source: 'in-flight' });
  });

  it('is not computed while somebody types', async () => {
    await show('total(of, these, items)');
    for (const typed of ['t', 'to', 'tot', 'tota']) {
      await pause(100);
      open.type(`x = ${typed}`);
    }
    expect(open.runs).toHaveLength(1);
  });

  it('is computed at once where little is left', async () => {
    await show('total(of, these, items)');
    open.type('x = total(of, these');
    await open.ask('x = total(of, these');
    await pause(20);
    expect(open.runs.map(({ before }) => before)).toEqual(['x = ', 'x = total(of, these, items)']);
  });

  it('is not computed while a newer request waits for another key', async () => {
    await show('total(of, these, items)');
    await pause(250);
    // As an editor asks when its list of suggestions opens: no text has changed.
    void open.ask('y = ', { waitMs: 150 });
    const second = await open.run(1);
    expect(second.before).toBe('y = ');
  });

  it('ends before a newer request of another document is worked on', async () => {
    await show('total(of, these, items)');
    void open.ask('z = ', { uri: 'file:///b.ts', waitMs: 350 });
    await pause(20);
    // Shown again, from the cache: what is behind it is due while the other waits.
    await open.ask('x = ');
    const ahead = await open.run(1);
    expect(ahead.before).toBe('x = total(of, these, items)');
    expect((await open.run(2)).before).toBe('z = ');
    expect(ahead.signal.aborted).toBe(true);
  });

  it('is not computed beside an answer to a newer request', async () => {
    const first = open.ask('x = ');
    (await open.run(0)).end(shown('a()'));
    await first;
    void open.ask('y = ');
    await open.run(1);
    await pause(20);
    expect(open.runs).toHaveLength(2);
  });

  it('gives way to somebody who types something else', async () => {
    await show('total(of, these, items)');
    const ahead = await open.run(1);
    open.type('x = y');
    expect(ahead.signal.aborted).toBe(true);
  });

  it('gives way to a request for another place', async () => {
    await show('total(of, these, items)');
    const ahead = await open.run(1);
    void open.ask('const y = ');
    await open.run(2);
    expect(ahead.signal.aborted).toBe(true);
  });
});

describe('a wait for another key', () => {
  it('leaves half of the time to an engine that nothing is known of', async () => {
    const started = performance.now();
    void open.ask('x = ', { waitMs: 2000, deadlineMs: 400 });
    await open.run(0);
    expect(performance.now() - started).toBeLessThan(300);
  });

  it('leaves as much as an answer usually takes', async () => {
    for (let i = 0; i < 3; i++) {
      const before = `x${i} = `;
      const asked = open.ask(before);
      const { end } = await open.run(i);
      await pause(250);
      end(shown('a()', [], 'line-end'));
      await asked;
    }
    const started = performance.now();
    void open.ask('y = ', { waitMs: 2000, deadlineMs: 300 });
    await open.run(3);
    expect(performance.now() - started).toBeLessThan(150);
  });

  it('learns nothing from an answer for which it had left too little time', async () => {
    const deadlines: number[] = [];
    const hurried = (before: string) =>
      open.ask(before, {
        waitMs: 200,
        deadlineMs: 400,
        generate: async (deadlineMs) => {
          deadlines.push(deadlineMs);
          return shown(`${before.length}()`, [], 'deadline');
        },
      });
    // At once behind each wait, but stopped by the deadline: not as if the engine were that fast.
    for (const before of ['a', 'ab', 'abc', 'abcd']) await hurried(before);
    expect(Math.max(...deadlines)).toBeLessThanOrEqual(210);
    const started = performance.now();
    void open.ask('y = ', { waitMs: 2000, deadlineMs: 400 });
    await open.run(0);
    expect(performance.now() - started).toBeLessThan(300);
  });
});

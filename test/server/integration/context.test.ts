import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { TraceEvent } from '../../../server/cli/trace';
import type { CompletionJson } from '../../../server/completion/result';
import { recordRequests } from './recorder';
import { built, patient, sample, sampleCaret, scratchFolder, startClient } from './support';

const scratch = scratchFolder();
afterAll(scratch.remove);

const uriOf = (name: string) => `file:///work/${name}`;
const open = (name: string, text: string): TraceEvent => ({
  open: { uri: uriOf(name), languageId: 'typescript', text },
});

/** Plays a session on the command line; one result for each completion. */
function play(session: readonly TraceEvent[], ...flags: string[]): CompletionJson[] {
  const file = path.join(scratch.path, 'session.jsonl');
  writeFileSync(file, session.map((event) => JSON.stringify(event)).join('\n'));
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [built('cli.js'), 'replay', file, '--max-tokens', '4', ...flags],
    { encoding: 'utf8' },
  );
  expect(status, stderr).toBe(0);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Like the sample, and not the same. */
const queue = [
  'export class Queue<T> {',
  '  private items: T[] = [];',
  '',
  '  enqueue(item: T): void {',
  '    this.items.unshift(item);',
  '  }',
  '',
  '  dequeue(): T | undefined {',
  '    return this.items.shift();',
  '  }',
  '}',
  '',
].join('\n');

describe('what other files say', () => {
  const [line, character] = sampleCaret;
  const typed = 'items';
  const session: TraceEvent[] = [
    open('queue.ts', queue),
    open(
      'weather.ts',
      'export const barometer = () => 1013;\nexport const wind = () => 7;\nexport const rain = 3;\n',
    ),
    open('main.ts', sample),
    { viewed: { uri: uriOf('queue.ts'), first: 0, last: 14 } },
    ...[...typed].flatMap((key, i): TraceEvent[] => {
      const at = { line, character: character + i };
      return [
        { change: { uri: uriOf('main.ts'), changes: [{ range: { start: at, end: at }, text: key }] } },
        { complete: { uri: uriOf('main.ts'), position: { line, character: character + i + 1 } } },
      ];
    }),
  ];

  test('is in the prompt with a budget, listed with the reason, and its rows stay while somebody types', () => {
    const results = play(session, '--context', 'recent=80');
    expect(results).toHaveLength(typed.length);
    for (const [i, { context, contextTokens, cache }] of results.entries()) {
      expect(context).toEqual([
        {
          source: 'recent',
          uri: uriOf('queue.ts'),
          lines: [expect.any(Number), expect.any(Number)],
          why: expect.stringMatching(/^looked at lately/),
          tokens: expect.any(Number),
        },
      ]);
      expect(context[0]?.tokens).toBeGreaterThan(20);
      expect(contextTokens).toBeGreaterThanOrEqual(context[0]?.tokens ?? 0);
      // All but what stands around the caret is there from the request before.
      if (i > 0) expect(cache.kept + cache.shifted).toBeGreaterThan(contextTokens + 40);
      if (i > 0) expect(cache.encoded).toBeLessThan(12);
    }
  });

  test('is left out where the model has no room for it, unless it is asked for', () => {
    for (const { context, contextTokens } of play(session)) {
      expect(context).toEqual([]);
      expect(contextTokens).toBe(0);
    }
  });
});

test('the cells above in a notebook stand before the one that is completed', async () => {
  const recorder = recordRequests(scratch.path);
  const client = startClient({ ...recorder.env, SLIPSTREAM_CONFIG_DIR: path.join(scratch.path, 'config') });
  await client.initialize(patient);
  const cell = (name: string) => `vscode-notebook-cell:/work/a.ipynb#${name}`;
  const document = (name: string, text: string, languageId = 'python') => ({
    uri: cell(name),
    languageId,
    version: 1,
    text,
  });
  await client.connection.sendNotification('notebookDocument/didOpen', {
    notebookDocument: {
      uri: 'file:///work/a.ipynb',
      notebookType: 'jupyter-notebook',
      version: 1,
      cells: [
        { kind: 2, document: cell('1') },
        { kind: 1, document: cell('2') },
        { kind: 2, document: cell('3') },
      ],
    },
    cellTextDocuments: [
      document('1', 'import math\nradius = 3\n'),
      document('2', '# A title', 'markdown'),
      document('3', 'area = math.'),
    ],
  });
  await client.complete(cell('3'), 0, 12, { triggerKind: 1 });
  const first = recorder.requests().at(-1);
  expect(first?.prefix).toBe('import math\nradius = 3\n\narea = math.');
  // A change of a cell arrives, and so does its place.
  await client.connection.sendNotification('notebookDocument/didChange', {
    notebookDocument: { uri: 'file:///work/a.ipynb', version: 2 },
    change: {
      cells: {
        textContent: [
          {
            document: { uri: cell('1'), version: 2 },
            changes: [
              {
                range: { start: { line: 1, character: 9 }, end: { line: 1, character: 10 } },
                text: '42',
              },
            ],
          },
        ],
      },
    },
  });
  await client.complete(cell('3'), 0, 12, { triggerKind: 1 });
  expect(recorder.requests().at(-1)?.prefix).toBe('import math\nradius = 42\n\narea = math.');
  await client.stop();
});

test('who comes back to a document finds it read, with what was looked at elsewhere', async () => {
  const client = startClient();
  const slipstream = {
    deadlineMs: 20_000,
    settings: { eagerness: 'eager', context: { recent: 80 }, maxTokens: 8 },
  };
  await client.initialize({ initializationOptions: { slipstream } });
  const [line, character] = sampleCaret;
  client.open(uriOf('queue.ts'), queue);
  client.open(uriOf('main.ts'), sample);
  const latest = async () => {
    await client.complete(uriOf('main.ts'), line, character, { triggerKind: 1 });
    const { text }: { text: string } = await client.connection.sendRequest('slipstream/trace');
    const encoded = /encoded (\d+)/.exec(text)?.[1];
    return { encoded: Number(encoded), context: /^ *snippet\b.*$/m.exec(text)?.[0] };
  };
  const cold = await latest();
  expect(cold.encoded).toBeGreaterThan(40);
  expect(cold.context).toBeUndefined();

  const look = (name: string, caret?: { line: number; character: number }) =>
    client.connection.sendNotification('slipstream/viewed', { uri: uriOf(name), first: 0, last: 14, caret });
  await look('queue.ts');
  await look('main.ts', { line, character });
  // Answered when what the engine does of itself is done.
  await client.connection.sendRequest('slipstream/refresh', { uri: uriOf('main.ts') });
  const warm = await latest();
  expect(warm.context).toContain('queue.ts');
  // The end of a prompt is always read anew.
  expect(warm.encoded).toBeLessThan(20);
  await client.stop();
});

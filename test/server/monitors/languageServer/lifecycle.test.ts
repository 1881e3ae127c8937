import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { LanguageServerOptions } from '../../../../server/monitors/languageServer/index';
import { createAnalyst, createFolder, hypothesis, reasonIn, wordsIn } from './helpers';

const script = path.join(__dirname, 'fakeServer.mjs');
const folder = createFolder();
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

let count = 0;

/** An analyst whose server behaves so, and what that server was told. */
function withServer(behaviour: string, options: Partial<LanguageServerOptions> = {}, server = {}) {
  const diary = path.join(folder, `diary${count++}`);
  const command = [process.execPath, script, behaviour, diary];
  const analyst = createAnalyst(folder, {
    servers: [{ languages: ['lua'], command, ...server }],
    ...options,
  });
  ends.push(() => analyst.dispose());
  const told = () => readFileSync(diary, { encoding: 'utf8', flag: 'a+' }).split('\n').filter(Boolean);
  return {
    analyst,
    told,
    starts: () => told().filter((line) => line === 'start').length,
    ask: (text = 'a.║\n') => analyst.ask(hypothesis(folder, 'a.lua', 'lua', text)),
  };
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('the document is opened once and then changed, with rising versions', async () => {
  const { ask, told } = withServer('works');
  expect(wordsIn(await ask())).toContain('name');
  await ask('a = 1\na.║\n');
  await ask('a = 2\na.║\n');
  expect(told().filter((line) => /open|change/.test(line))).toEqual(['open 1', 'change 2', 'change 3']);
});

test('the same question, asked at the same time or later, goes to the server once', async () => {
  const { ask, told } = withServer('works');
  const answers = await Promise.all([ask(), ask(), ask()]);
  answers.push(await ask());
  expect(new Set(answers).size).toBe(1);
  expect(told().filter((line) => line === 'completion')).toHaveLength(1);
});

test('what has changed on disk is told, where it concerns the server, and the same question is asked again', async () => {
  const { analyst, ask, told } = withServer('works', {}, { languages: ['lua', 'python'] });
  await ask();
  analyst.changed?.([
    { uri: 'file:///saved.lua', type: 2, languageId: 'lua' },
    { uri: 'file:///watched.py', type: 1 },
    { uri: 'file:///other.go', type: 2, languageId: 'go' },
    { uri: 'untitled:a.py', type: 2, languageId: 'python' },
  ]);
  await ask();
  analyst.changed?.([{ uri: 'file:///other.go', type: 3 }]);
  await ask();
  expect(told().filter((line) => /file|completion/.test(line))).toEqual([
    'completion',
    'file saved.lua 2',
    'file watched.py 1',
    'completion',
  ]);
});

test('a program that is not there is a reason', async () => {
  const { ask } = withServer('', {}, { command: ['slipstream-no-such-server'] });
  expect(reasonIn(await ask())).toMatch(/slipstream-no-such-server is not installed/);
});

test('a program of the workspace is not started', async () => {
  const { ask, starts } = withServer('works', { folders: () => [path.dirname(process.execPath)] });
  expect(reasonIn(await ask())).toMatch(/not installed outside of the workspace/);
  expect(starts()).toBe(0);
});

test('nothing is started for a workspace that is not trusted', async () => {
  let isTrusted = false;
  const { ask, starts } = withServer('works', { isTrusted: () => isTrusted });
  expect(reasonIn(await ask())).toMatch(/not trusted/);
  expect(starts()).toBe(0);
  isTrusted = true;
  expect(wordsIn(await ask())).toContain('name');
});

test.each([
  ['crashes while it is asked', 'crashes', /ended|closed/],
  ['ends at once', 'exits', /ended|closed/],
  ['writes garbage', 'garbage', /no message/],
])('a server that %s is a reason, and is not started for ever', async (_, behaviour, reason) => {
  const { ask, starts } = withServer(behaviour);
  for (let at = 0; at < 3; at++) expect(reasonIn(await ask(`${at} a.║`))).toMatch(reason);
  expect(reasonIn(await ask())).toMatch(
    /has failed 3 times; change slipstream\.languageServers or choose Restart Server/,
  );
  expect(starts()).toBe(3);
});

test('a server that does not come up is a reason, and is ended', async () => {
  const { ask, analyst } = withServer('silent', { startMs: 500 });
  expect(reasonIn(await ask())).toMatch(/did not start within 500 ms/);
  expect(analyst.running()).toEqual([]);
});

test('a server that hangs is a reason, and another one is started', async () => {
  const { ask, analyst, starts } = withServer('hangs', { startMs: 3000 });
  expect(reasonIn(await ask())).toMatch(/did not answer within 3000 ms/);
  expect(analyst.running()).toEqual([]);
  await ask('b.║\n');
  expect(starts()).toBe(2);
});

test('a question that nobody waits for is cancelled when another one comes', {
  timeout: 60_000,
}, async () => {
  const { ask, told } = withServer('slow');
  const first = ask('1 a.║');
  const second = ask('2 a.║');
  expect(reasonIn(await first)).toMatch(/Cancelled/);
  expect(told()).toContain('cancelled');
  // The second one has its turn, until a third one comes.
  void ask('3 a.║');
  expect(reasonIn(await second)).toMatch(/Cancelled/);
});

test.each([
  ['an error', 'error', /Something is wrong/],
  ['a part of the list', 'incomplete', /a part/],
  ['no list', 'nonsense', /no list/],
  ['nothing', 'empty', /lists nothing/],
])('%s for an answer is a reason, and the server lives on', async (_, behaviour, reason) => {
  const { ask, starts } = withServer(behaviour);
  for (let at = 0; at < 5; at++) expect(reasonIn(await ask(`${at} a.║`))).toMatch(reason);
  expect(starts()).toBe(1);
});

test.runIf(process.platform === 'linux')(
  'a server that takes too much memory is stopped, with the reason',
  async () => {
    const { ask, analyst } = withServer('hoards', { memoryBytes: 250 * 2 ** 20 });
    await ask();
    expect(analyst.running()).toEqual([]);
    for (let at = 0; at < 2; at++) await ask(`${at} a.║`);
    expect(reasonIn(await ask('z.║'))).toMatch(/MiB of memory, more than the 250 MiB it may/);
  },
);

test('an idle server is stopped, and started again when it is needed', async () => {
  const { ask, analyst, starts } = withServer('works', { idleMs: 200 });
  await ask();
  await vi.waitFor(() => expect(analyst.running()).toEqual([]), { timeout: 20_000 });
  for (let at = 0; at < 4; at++) {
    expect(wordsIn(await ask(`${at} a.║`))).toContain('name');
    await vi.waitFor(() => expect(analyst.running()).toEqual([]), { timeout: 20_000 });
  }
  // That is no failure, so it goes on as often as it is needed.
  expect(starts()).toBe(5);
});

test('dispose ends the process', async () => {
  const { ask, analyst } = withServer('works');
  await ask();
  const pid = analyst.running()[0]?.pid ?? 0;
  expect(isAlive(pid)).toBe(true);
  await analyst.dispose();
  expect(isAlive(pid)).toBe(false);
  expect(reasonIn(await ask('b.║'))).toMatch(/has ended/);
});

test('it has a say in files of languages that have a server, and only there', () => {
  const { analyst } = withServer('works');
  expect(analyst.triggers('file:///a.lua', 'lua')).not.toEqual([]);
  expect(analyst.triggers('file:///a.py', 'python')).toEqual([]);
  expect(analyst.triggers('untitled:a', 'lua')).toEqual([]);
});

process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

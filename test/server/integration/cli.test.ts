import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportModel } from '../../support/exportedModel';
import { writeTinyModel } from '../../support/tinyModel';
import { built, patient, sample, sampleCaret, scratchFolder, startClient } from './support';

const scratch = scratchFolder();
const file = path.join(scratch.path, 'stack.ts');
const target = `${file}:${sampleCaret[0] + 1}:${sampleCaret[1] + 1}`;
const uri = 'file:///work/stack.ts';

beforeAll(() => writeFileSync(file, sample));
afterAll(scratch.remove);

function cli(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const place = (name: string) => path.join(scratch.path, name);
    const places = { SLIPSTREAM_CONFIG_DIR: place('config'), SLIPSTREAM_DATA_DIR: place('data') };
    const env = { ...process.env, ...places };
    const child = spawn(process.execPath, [built('cli.js'), ...args], { env });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

async function expectFailure(args: string[], says: string) {
  const { code, err } = await cli(...args);
  expect(code, err).toBe(1);
  expect(err).toContain(says);
  expect(err.trimEnd().split('\n')).toHaveLength(1);
}

/** Fills a float32 tensor with one value: a number like any other until the model computes with it. */
function overwriteTensor(weights: string, name: string, value: number): void {
  const bytes = readFileSync(weights);
  const headerEnd = 8 + Number(bytes.readBigUInt64LE());
  const [from, to] = JSON.parse(bytes.toString('utf8', 8, headerEnd))[name].data_offsets;
  for (let at = headerEnd + from; at < headerEnd + to; at += 4) bytes.writeFloatLE(value, at);
  writeFileSync(weights, bytes);
}

const resultKeys = [
  'text',
  'alternatives',
  'stopReason',
  'emptyReason',
  'tokens',
  'cache',
  'forwards',
  'drafted',
  'accepted',
  'rollbacks',
  'loopsLeft',
  'monitored',
  'contextTokens',
  'context',
  'timings',
  'device',
  'model',
];

function expectResult(result: Record<string, unknown>) {
  expect(Object.keys(result)).toEqual(resultKeys);
  expect(Object.keys(result.cache as object)).toEqual(['kept', 'shifted', 'encoded', 'stale']);
  expect(Object.keys(result.timings as object)).toEqual([
    'promptMs',
    'prefillMs',
    'decodeMs',
    'monitorMs',
    'totalMs',
  ]);
  const [token] = result.tokens as object[];
  expect(Object.keys(token ?? {})).toEqual(['text', 'logprob', 'entropy', 'source', 'constrained']);
}

it('ends with 2 and says why when it is called in a wrong way', async () => {
  const { code, out, err } = await cli('complete', 'a.ts:1:1', '--device', 'tpu');
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain('tpu');
});

describe('complete', () => {
  it('prints the text', async () => {
    const { code, out, err } = await cli('complete', target);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/\w/);
  });

  it('prints the result as JSON', async () => {
    const { code, out } = await cli('complete', target, '--json', '--max-tokens', '3');
    expect(code).toBe(0);
    const result = JSON.parse(out);
    expectResult(result);
    expect(result).toMatchObject({
      emptyReason: null,
      device: expect.any(String),
      model: expect.any(String),
    });
    expect(result.tokens.length).toBeLessThanOrEqual(3);
  });

  it('fails with one line for what cannot be completed', async () => {
    const binary = path.join(scratch.path, 'a.bin');
    const latin1 = path.join(scratch.path, 'latin1.ts');
    writeFileSync(binary, Buffer.from([1, 0, 255]));
    writeFileSync(latin1, Buffer.from('// caf\xe9\n', 'latin1'));
    await expectFailure(['complete', `${file}x:1:1`], 'there is no such file');
    await expectFailure(['complete', `${scratch.path}:1:1`], 'it is a folder');
    await expectFailure(['complete', `${file}:999:1`], 'outside the document');
    await expectFailure(['complete', `${file}:1:999`], 'outside the document');
    await expectFailure(['complete', `${binary}:1:1`], 'NUL');
    await expectFailure(['complete', `${latin1}:1:1`], 'UTF-8');
    await expectFailure(['complete', target, '--model', '/no/such/model'], '/no/such/model');
  });
});

describe('replay', () => {
  const events = [
    {
      open: {
        uri,
        languageId: 'typescript',
        text: sample.replaceAll('\n', '\r\n').replace('    this.\r', '    th\r'),
      },
    },
    { complete: { uri, position: { line: 12, character: 6 } } },
    {
      change: {
        uri,
        changes: [
          { range: range(12, 6), text: 'is' },
          { range: range(12, 8), text: '.' },
        ],
      },
    },
    { complete: { uri, position: { line: 12, character: 9 } } },
    { complete: { uri, position: { line: 999, character: 0 } } },
  ];

  it('prints one result per completion, the same as the server', async () => {
    const trace = path.join(scratch.path, 'trace.jsonl');
    writeFileSync(trace, events.map((event) => JSON.stringify(event)).join('\n'));
    const { code, out, err } = await cli('replay', trace);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const results = out
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(results).toHaveLength(3);
    expectResult(results[1]);
    expect(results[2]).toMatchObject({ text: '', emptyReason: 'position-outside-document' });
    // The second completion needs only the two letters that were typed, and what they changed.
    expect(results[1].cache.kept).toBeGreaterThan(results[1].cache.encoded);

    const client = startClient();
    // Where an editor would end it for want of certainty the command line does not.
    const slipstream = { ...patient.initializationOptions.slipstream, settings: { eagerness: 'eager' } };
    await client.initialize({ initializationOptions: { slipstream } });
    client.open(uri, sample.replaceAll('\n', '\r\n'));
    const [item] = await client.complete(uri, ...sampleCaret);
    await client.stop();
    expect(item?.insertText).toBe(results[1].text);
  });

  it('ends when nobody reads any more', async () => {
    const trace = path.join(scratch.path, 'long.jsonl');
    const complete = JSON.stringify(events[1]);
    writeFileSync(trace, `${JSON.stringify(events[0])}\n${`${complete}\n`.repeat(500)}`);
    const child = spawn(process.execPath, [built('cli.js'), 'replay', trace]);
    let errors = '';
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
  });

  it('fails with the engine, and says why', async () => {
    const trace = path.join(scratch.path, 'twice.jsonl');
    writeFileSync(trace, [events[0], events[1], events[1]].map((event) => JSON.stringify(event)).join('\n'));
    const model = path.join(scratch.path, 'overflow');
    await writeTinyModel(model, { architecture: 'llama', seed: 1, dtype: 'F32' });
    overwriteTensor(path.join(model, 'model.safetensors'), 'model.norm.weight', 3e38);
    const { code, out, err } = await cli('replay', trace, '--model', model);
    expect(code).toBe(1);
    expect(out.trimEnd().split('\n')).toHaveLength(1);
    expect(err).toMatch(/^Cannot complete because .* is not a number.*; try .*\n$/);
  });

  it('stops at a line that is no event, after the results before it', async () => {
    const trace = path.join(scratch.path, 'bad.jsonl');
    writeFileSync(trace, `${JSON.stringify(events[0])}\n${JSON.stringify(events[1])}\n{"jump":1}\n`);
    const { code, out, err } = await cli('replay', trace);
    expect(code).toBe(1);
    expect(out.trimEnd().split('\n')).toHaveLength(1);
    expect(err).toMatch(/^.*bad\.jsonl line 3 .*\n$/);
    await expectFailure(['replay', `${trace}x`], 'there is no such file');
  });

  it('reads the trace before it loads a model', async () => {
    const trace = path.join(scratch.path, 'half.jsonl');
    const half = { complete: { uri, position: { line: 0.5, character: 0 } } };
    writeFileSync(trace, `${JSON.stringify(half)}\n`);
    const noModel = ['--model', path.join(scratch.path, 'none')];
    await expectFailure(['replay', trace, ...noModel], 'half.jsonl line 1 is not a trace event');
    await expectFailure(['replay', `${trace}x`, ...noModel], 'there is no such file');
    writeFileSync(trace, `${JSON.stringify(events[0])}\n`);
    await expectFailure(['replay', trace, ...noModel], 'none');
  });

  it('frees the cache of what is closed, and says when there is no room for one', async () => {
    const trace = path.join(scratch.path, 'close.jsonl');
    const close = { close: { uri } };
    const lines = [events[0], events[1], events[1], close, events[0], events[1]];
    writeFileSync(trace, lines.map((event) => JSON.stringify(event)).join('\n'));
    const play = async (...flags: string[]) =>
      (await cli('replay', trace, ...flags)).out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
    const [first, again, reopened] = await play();
    expect(first.cache.kept).toBe(0);
    expect(again.cache.kept).toBeGreaterThan(0);
    expect(reopened.cache).toEqual(first.cache);
    expect([again.text, reopened.text]).toEqual([first.text, first.text]);
    const [, without] = await play(
      '--cache-megabytes',
      '0',
      '--reuse',
      'recompute',
      '--copy-rule',
      'copyspec',
    );
    expect(without.text).toBe(first.text);
    expect(without.cache).toMatchObject({
      kept: 0,
      fallback: expect.stringMatching(/^Nothing is kept .*\.$/),
    });
  });
});

function range(line: number, character: number) {
  return { start: { line, character }, end: { line, character } };
}

describe('eval lines', () => {
  it('prints rates in 0..1, the same every time', async () => {
    const folder = path.join(scratch.path, 'code');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'a.ts'), sample.repeat(8));
    const run = async () => JSON.parse((await cli('eval', 'lines', folder, '--n', '3', '--json')).out);
    const report = await run();
    expect(Object.keys(report)).toEqual([
      'n',
      'exactMatch',
      'editSimilarity',
      'nextIdentifier',
      'ended',
      'loops',
      'loopsLeft',
      'meanLogprob',
      'msPerCompletion',
      'byCaret',
      'byLanguage',
    ]);
    expect(report.n).toBe(3);
    expect(report.byCaret.withinWord.n + report.byCaret.betweenWords.n).toBe(3);
    expect(report.nextIdentifier.n).toBeLessThanOrEqual(3);
    expect(report.byLanguage).toEqual({
      typescript: { n: 3, exactMatch: report.exactMatch, editSimilarity: report.editSimilarity },
    });
    for (const rate of [report.exactMatch, report.editSimilarity, report.ended]) {
      expect(rate).toBeGreaterThanOrEqual(0);
      expect(rate).toBeLessThanOrEqual(1);
    }
    expect(report.meanLogprob).toBeLessThan(0);
    expect({ ...(await run()), msPerCompletion: 0 }).toEqual({ ...report, msPerCompletion: 0 });
  });

  it('ends cleanly on Ctrl+C', async () => {
    const folder = path.join(scratch.path, 'much');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'a.ts'), sample.repeat(500));
    const child = spawn(process.execPath, [built('cli.js'), 'eval', 'lines', folder, '--n', '3000']);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    setTimeout(() => child.kill('SIGINT'), 3000);
    const exit = await new Promise((resolve) => child.once('close', (...how) => resolve(how)));
    expect({ exit, output }).toEqual({ exit: [130, null], output: '' });
  });

  it('fails for a folder without code', async () => {
    const folder = path.join(scratch.path, 'empty');
    mkdirSync(folder);
    await expectFailure(['eval', 'lines', folder], 'no lines to complete');
  });
});

describe('models', () => {
  const model = path.resolve(import.meta.dirname, '..', '..', '..', 'models', 'default');

  it('lists, adds, uses and removes', async () => {
    expect((await cli('models', 'list')).out).toMatch(/^default +\S+models.default\n\n/);
    expect(await cli('models', 'add', model, '--name', 'mine')).toMatchObject({ code: 0 });
    expect((await cli('models', 'list')).out).toContain('mine');
    expect(await cli('models', 'verify', 'mine')).toMatchObject({ code: 0 });
    expect(await cli('models', 'remove', 'mine')).toMatchObject({ code: 0 });
    expect((await cli('models', 'list')).out).not.toContain('mine');
  });

  it('adds an exported graph, tells what it does without, and completes with it', {
    timeout: 60_000,
  }, async () => {
    const folder = path.join(scratch.path, 'exported');
    const options = { file: 'onnx/model.onnx', dataFile: 'model.onnx_data', positions: true } as const;
    await exportModel(model, folder, { ...options, attention: 'plain' });
    const added = await cli('models', 'add', folder);
    expect(added, added.err).toMatchObject({ code: 0 });
    expect(added.out).toMatch(/loaded as fp32 on cpu.*\nThis model is an exported graph, onnx\/model\.onnx/);
    const [own, exported] = [
      await cli('complete', target, '--json', '--precision', 'fp32', '--without', 'adaptive,monitor'),
      await cli('complete', target, '--json', '--model', 'exported', '--without', 'adaptive,monitor'),
    ];
    expect(exported, exported.err).toMatchObject({ code: 0 });
    expect(JSON.parse(exported.out).text).toBe(JSON.parse(own.out).text);
    expect(JSON.parse(exported.out).drafted).toBe(0);
  });

  it('does not add what does not load', async () => {
    await expectFailure(['models', 'add', scratch.path], scratch.path);
    await expectFailure(['models', 'remove', 'mine'], 'mine');
    await expectFailure(['models', 'remove', 'default'], 'shipped');
  });
});

import { beforeAll, expect, test } from 'vitest';
import { createOutput } from '../../../engine/decode/output';
import type { CommittedToken, Sequence } from '../../../engine/decode/step';
import type { LoadedModel } from '../../../engine/runtime/load';
import { defaultModels } from '../../support/defaultModel';
import { lineRequest } from '../../support/requests';

const load = defaultModels();
let model: LoadedModel;

beforeAll(async () => {
  model = await load();
});

/** The only token of these bytes. */
function tokenOf(...bytes: readonly number[]): number {
  for (let id = 0; id < model.tokenizer.vocabSize; id++)
    if (Buffer.from(bytes).equals(model.tokenizer.tokenBytes(id))) return id;
  throw new Error(`no token of ${bytes}`);
}

function written(...tokens: readonly number[]) {
  const sequence = { tokens: [], start: 0, text: '' } as unknown as Sequence;
  const output = createOutput(model, sequence, lineRequest, '', { elapsed: () => 0 });
  const sure = { logprob: 0, entropy: 0, source: 'model', constrained: false } as const;
  for (const token of tokens) {
    sequence.tokens.push(token);
    if (!output.commit({ token, ...sure } satisfies CommittedToken)) break;
  }
  return output;
}

const a = () => model.tokenizer.encode('a');
const euro = [0xe2, 0x82, 0xac] as const;

test('a character that comes in parts is written when it is whole', () => {
  const output = written(...a(), ...euro.map((byte) => tokenOf(byte)), ...a());
  expect(output.text).toBe('a€a');
  expect(output.stop).toBeUndefined();
});

test('bytes that are no character end a completion before them, and an alternative as well', () => {
  const [first] = euro;
  const broken = [tokenOf(first), tokenOf(first)];
  const output = written(...a(), ...broken, ...a());
  expect(output.stop).toEqual({ reason: 'broken-character', text: 'a' });
  expect(output.text).toBe('a');
  expect(written(...a()).preview(broken)).toEqual({
    text: 'a',
    stop: { reason: 'broken-character', text: 'a' },
  });
});

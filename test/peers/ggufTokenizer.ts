import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MetadataValue } from './ggufFile';

interface TokenizerJson {
  readonly model: {
    readonly vocab: Readonly<Record<string, number>>;
    readonly merges: readonly (string | readonly [string, string])[];
  };
  readonly added_tokens?: readonly {
    readonly id: number;
    readonly content: string;
    readonly special: boolean;
  }[];
  readonly pre_tokenizer?: unknown;
}

/** llama.cpp's token types (llama.h). */
const tokenType = { normal: 1, control: 3, userDefined: 4, unused: 5 };

/** A byte-level BPE tokenizer.json as `tokenizer.ggml.*`; ids beyond its vocabulary become unused tokens. */
export function tokenizerMetadata(directory: string, vocabSize: number): [string, MetadataValue][] {
  const tokenizer = JSON.parse(readFileSync(join(directory, 'tokenizer.json'), 'utf8')) as TokenizerJson;
  const tokens = Array.from({ length: vocabSize }, (_, id) => `[PAD${id}]`);
  const types = tokens.map(() => tokenType.unused);
  for (const [token, id] of Object.entries(tokenizer.model.vocab)) {
    tokens[id] = token;
    types[id] = tokenType.normal;
  }
  for (const { id, content, special } of tokenizer.added_tokens ?? []) {
    tokens[id] = content;
    types[id] = special ? tokenType.control : tokenType.userDefined;
  }
  const merges = tokenizer.model.merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' ')));
  return [
    ['tokenizer.ggml.model', { string: 'gpt2' }],
    ['tokenizer.ggml.pre', { string: preTokenizer(tokenizer.pre_tokenizer) }],
    ['tokenizer.ggml.tokens', { strings: tokens }],
    ['tokenizer.ggml.token_type', { i32s: types }],
    ['tokenizer.ggml.merges', { strings: merges }],
  ];
}

/** llama.cpp knows split patterns by name only: Qwen's takes digits one by one, Llama 3's in threes. */
function preTokenizer(description: unknown): string {
  const pattern = JSON.stringify(description ?? null);
  if (pattern.includes('\\\\p{N}{1,3}')) return 'llama-bpe';
  return pattern.includes('\\\\p{N}|') ? 'qwen2' : 'default';
}

import { TextDecoder } from 'node:util';
import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { SlipstreamError } from '../errors';
import type { ModelConfig } from './config';
import { cutsAreSafe, segmentEncoder } from './segments';
import { bytesOfToken } from './tokenBytes';
import { readTokenizerFile, type TokenizerFile, unsupported } from './tokenizerFile';

export interface Tokenizer {
  /**
   * Ids of the text as it is: nothing added, and the spelling of a control token in the text (a file may well contain
   * `<|fim_middle|>`) stays text. `decode` gives the text back, but for what the tokenizer itself normalises.
   */
  encode(text: string): number[];
  /** Text of the ids; bytes that are not UTF-8 become U+FFFD. Control tokens show as their names. */
  decode(ids: readonly number[]): string;
  /** Exactly the bytes that the token stands for; empty for ids without a token. The caller must not write to it. */
  tokenBytes(id: number): Uint8Array;
  /** The id of a token by its spelling in the vocabulary, control tokens included. */
  idOf(token: string): number | undefined;
  /** The highest id of a token, plus one. */
  readonly vocabSize: number;
  /** Ids that are control tokens, never text. */
  readonly special: ReadonlySet<number>;
  /** False for ids that have no token: the padding rows of the model's output and holes in the vocabulary. */
  isUsable(id: number): boolean;
}

type CheckedConfig = Pick<ModelConfig, 'vocabSize'> & Partial<Pick<ModelConfig, 'eosTokenIds'>>;

/**
 * Reads `tokenizer.json` (byte-level BPE, or SentencePiece BPE with byte fallback).
 * @param config checked against the vocabulary where given
 * @throws SlipstreamError model-missing, model-unreadable, model-corrupt, model-unsupported, or model-mismatch where
 * the vocabulary has more tokens than the model, or lacks the model's end of text.
 */
export async function loadTokenizer(dir: string, config?: CheckedConfig): Promise<Tokenizer> {
  const file = await readTokenizerFile(dir);
  if (config !== undefined) checkVocabulary(dir, file, config);
  const library = createLibraryTokenizer(dir, file);
  const encodeWhole = (text: string) => library.encode(text, { add_special_tokens: false }).ids;
  const isSafe = !file.stripsAroundTokens && cutsAreSafe(encodeWhole, hasPairInToken(file));
  const ids = new Map(
    file.tokens.flatMap((token, id) => (token === undefined ? [] : [[token, id] as const])),
  );
  const bytes: (Uint8Array | undefined)[] = [];

  function tokenBytes(id: number): Uint8Array {
    const known = bytes[id];
    if (known !== undefined) return known;
    const token = file.tokens[id];
    if (token === undefined) return new Uint8Array(0);
    const own = file.added.has(id) ? new TextEncoder().encode(token) : bytesOfToken(token, file.byteCoding);
    bytes[id] = own;
    return own;
  }

  return {
    encode: isSafe ? segmentEncoder(encodeWhole) : encodeWhole,
    decode: (tokenIds) => newDecoder().decode(Buffer.concat(tokenIds.map(tokenBytes))),
    tokenBytes,
    idOf: (token) => ids.get(token),
    vocabSize: file.tokens.length,
    special: file.control,
    isUsable: (id) => file.tokens[id] !== undefined,
  };
}

/** Turns tokens into text as they come, holding back a character until its last byte is there. */
export interface StreamDecoder {
  /** The text that this token completes; empty while a character is unfinished. */
  push(id: number): string;
}

export function createStreamDecoder(tokenizer: Pick<Tokenizer, 'tokenBytes'>): StreamDecoder {
  const decoder = newDecoder();
  return {
    push: (id) => decoder.decode(tokenizer.tokenBytes(id), { stream: true }),
  };
}

/** A byte order mark at the start is a character of the text like any other. */
function newDecoder(): TextDecoder {
  return new TextDecoder('utf-8', { ignoreBOM: true });
}

function checkVocabulary(
  dir: string,
  { tokens }: TokenizerFile,
  { vocabSize, eosTokenIds = [] }: CheckedConfig,
): void {
  const mismatch = (why: string) =>
    new SlipstreamError(
      'model-mismatch',
      `Cannot load the model in ${dir} because ${why}; take both files from the same model.`,
    );
  if (tokens.length > vocabSize) {
    throw mismatch(
      `tokenizer.json has ids up to ${tokens.length - 1} and config.json a vocab_size of ${vocabSize}`,
    );
  }
  const unknown = eosTokenIds.find((id) => tokens[id] === undefined);
  if (unknown !== undefined) {
    throw mismatch(`config.json has eos_token_id = ${unknown} and tokenizer.json no token of that id`);
  }
}

function createLibraryTokenizer(dir: string, file: TokenizerFile): LibraryTokenizer {
  try {
    return new LibraryTokenizer(file.prepared, {});
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw unsupported(
      dir,
      `its tokenizer.json could not be read (${reason})`,
      'byte-level and SentencePiece byte-pair encodings',
      cause,
    );
  }
}

function hasPairInToken({ tokens, added, control, byteCoding }: TokenizerFile): boolean {
  const inVocabulary = byteCoding === 'byte-level' ? /[!-~]Ġ/ : /[!-~]▁/;
  return tokens.some((token, id) => {
    if (token === undefined || control.has(id)) return false;
    return (added.has(id) ? /[!-~] / : inVocabulary).test(token);
  });
}

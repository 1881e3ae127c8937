import type { ByteCoding } from './tokenizerFile';

const utf8 = new TextEncoder();

/** The bytes that a vocabulary token stands for. */
export function bytesOfToken(token: string, coding: ByteCoding): Uint8Array {
  return coding === 'byte-level' ? byteLevelBytes(token) : sentencePieceBytes(token);
}

function byteLevelBytes(token: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of token) {
    const byte = byteOfCharacter.get(character);
    if (byte === undefined) bytes.push(...utf8.encode(character));
    else bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/** `<0x0A>` is a byte, `▁` is a space. */
function sentencePieceBytes(token: string): Uint8Array {
  const fallback = /^<0x([0-9A-Fa-f]{2})>$/.exec(token);
  if (fallback?.[1] !== undefined) return Uint8Array.of(Number.parseInt(fallback[1], 16));
  return utf8.encode(token.replaceAll('▁', ' '));
}

/**
 * GPT-2's printable stand-ins (openai/gpt-2, src/encoder.py): printable Latin-1 characters stand for themselves, the
 * other bytes for the characters from U+0100 on, in order.
 */
const byteOfCharacter: ReadonlyMap<string, number> = byteLevelAlphabet();

function byteLevelAlphabet(): Map<string, number> {
  const alphabet = new Map<string, number>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const isPrintable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    alphabet.set(String.fromCodePoint(isPrintable ? byte : next++), byte);
  }
  return alphabet;
}

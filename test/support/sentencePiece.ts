/**
 * A tokenizer.json as converted from SentencePiece: `▁` for spaces, bytes as `<0x0A>`, a made-up space before the text,
 * control tokens listed in the vocabulary as well.
 */
export function sentencePieceTokenizer(
  controls: readonly string[] = [],
  moreMerges: readonly string[] = [],
): object {
  const merges = ['t h', 'th e', '▁ the', 'f o', 'fo o', '▁ foo', '▁ ▁', '▁▁ ▁▁', '1 2', ...moreMerges];
  const bytes = Array.from(
    { length: 256 },
    (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
  );
  const letters = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i));
  const base = ['<unk>', '<s>', '</s>'];
  const tokens = [
    ...base,
    ...bytes,
    '▁',
    ...letters,
    ...merges.map((merge) => merge.replace(' ', '')),
    ...controls,
  ];
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  return {
    version: '1.0',
    added_tokens: [...base, ...controls].map((content) => ({
      id: vocab[content],
      content,
      special: true,
      normalized: false,
    })),
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: '▁' },
        { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      ],
    },
    pre_tokenizer: null,
    post_processor: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    },
    model: { type: 'BPE', unk_token: '<unk>', fuse_unk: true, byte_fallback: true, vocab, merges },
  };
}

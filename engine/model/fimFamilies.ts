export type FimFamily =
  | 'qwen2.5-coder'
  | 'codegemma'
  | 'granite'
  | 'starcoder2'
  | 'deepseek-coder'
  | 'codellama'
  | 'codestral';

export type FimOrder = 'psm' | 'spm';

/** How a family of models was trained to fill in the middle, with its tokens by name. */
export interface FamilySpec {
  readonly family: FimFamily;
  readonly prefix: string;
  readonly suffix: string;
  /** Absent where the prefix itself starts the generation. */
  readonly middle?: string;
  /** Put before everything else. */
  readonly bos?: string;
  /** The token before each file of a prompt with several; where absent, a line of text names the file. */
  readonly fileSeparator?: string;
  /** What a file's first line has before its path. */
  readonly pathMark: string;
  /** Whether a file to be filled in names its path after the prefix token, as part of the prefix. */
  readonly pathInPrefix: boolean;
  /** Whether the prefix text was encoded with SentencePiece's leading space. */
  readonly leadingSpace: boolean;
  /** The order used where the model card does not say. */
  readonly order: FimOrder;
}

const usual = { pathMark: '', pathInPrefix: false, leadingSpace: false, order: 'psm' } as const;
const barred = { prefix: '<|fim_prefix|>', suffix: '<|fim_suffix|>', middle: '<|fim_middle|>' };
const plain = { prefix: '<fim_prefix>', suffix: '<fim_suffix>', middle: '<fim_middle>' };

/** The first whose tokens are all in the vocabulary is the model's: those with more tokens come first. */
export const fimFamilies: readonly FamilySpec[] = [
  /** Files as `<|file_sep|>path\ntext`: Qwen2.5-Coder technical report, arXiv 2409.12186, section 3.2. */
  { ...usual, ...barred, family: 'qwen2.5-coder', fileSeparator: '<|file_sep|>' },
  /** https://ai.google.dev/gemma/docs/codegemma/prompt-structure */
  { ...usual, ...barred, family: 'codegemma', fileSeparator: '<|file_separator|>', bos: '<bos>' },
  /** Granite 3 and later: Granite Code's tokens in the barred spelling. */
  { ...usual, ...barred, family: 'granite', fileSeparator: '<|filename|>' },
  /** `<file_sep><fim_prefix>path\ntext`: StarCoder 2 and The Stack v2, arXiv 2402.19173, section 5.1. */
  { ...usual, ...plain, family: 'starcoder2', fileSeparator: '<file_sep>', pathInPrefix: true },
  /** Granite Code (arXiv 2405.04324) has StarCoder 1's tokens: `<filename>path\ntext`. */
  { ...usual, ...plain, family: 'granite', fileSeparator: '<filename>' },
  /** Files as `#path\ntext`: https://github.com/deepseek-ai/DeepSeek-Coder, README, "Repository Level Code Completion". */
  {
    ...usual,
    family: 'deepseek-coder',
    prefix: '<｜fim▁begin｜>',
    suffix: '<｜fim▁hole｜>',
    middle: '<｜fim▁end｜>',
    bos: '<｜begin▁of▁sentence｜>',
    pathMark: '#',
  },
  /** The prefix is encoded with a leading space, the suffix without: meta-llama/codellama, llama/generation.py. */
  {
    ...usual,
    family: 'codellama',
    prefix: '▁<PRE>',
    suffix: '▁<SUF>',
    middle: '▁<MID>',
    bos: '<s>',
    pathMark: '# ',
    leadingSpace: true,
  },
  /** `[SUFFIX]suffix[PREFIX] prefix`, no other order: mistralai/mistral-common, encode_fim and its test. */
  {
    ...usual,
    family: 'codestral',
    prefix: '[PREFIX]',
    suffix: '[SUFFIX]',
    bos: '<s>',
    pathMark: '+++++ ',
    leadingSpace: true,
    order: 'spm',
  },
  /** Tokens for filling in without any for files (general Qwen models, Stable Code, StarCoder's relatives). */
  { ...usual, ...barred, family: 'qwen2.5-coder', pathMark: '# ' },
  { ...usual, ...plain, family: 'starcoder2', pathMark: '# ' },
];

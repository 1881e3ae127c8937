interface SuiteDescription {
  /** One line for a list to choose from. */
  readonly description: string;
  /** Whether it edits source text, and so can take the user's own (`BenchOptions.sources`). */
  readonly usesFiles: boolean;
  /** Whether it is among those that a list proposes. */
  readonly proposed: boolean;
}

/** The suites that exist, in the order in which `all` runs them. */
export const suiteDescriptions = {
  startup: {
    description: 'Process start to first completion; memory of the server',
    usesFiles: false,
    proposed: true,
  },
  device: {
    description: 'The devices of this machine with the current model, and which of them is taken',
    usesFiles: false,
    proposed: true,
  },
  decode: {
    description: 'Passes of the model: decode, prefill, 16 rows at once',
    usesFiles: false,
    proposed: false,
  },
  'edit-replay': {
    description: 'Edits anywhere in a document: what they cost with and without reuse of the KV cache',
    usesFiles: true,
    proposed: true,
  },
  copy: {
    description:
      'Copy speculation on edits: tokens per pass of the model, and what it costs where nothing repeats',
    usesFiles: true,
    proposed: true,
  },
  adaptive: {
    description:
      'Looking ahead where the model is unsure: what it changes and costs, and when the model knows that it is right',
    usesFiles: true,
    proposed: false,
  },
  monitor: {
    description:
      'Type monitors: what compiles with and without them, whether they ever forbid what is right, and their time',
    usesFiles: true,
    proposed: false,
  },
  typing: {
    description:
      'Source typed key by key through the language server: how soon there is ghost text, and what it saves',
    usesFiles: true,
    proposed: false,
  },
  quality: {
    description: 'What int8 and int4 weights do to the perplexity',
    usesFiles: false,
    proposed: false,
  },
  scaling: {
    description: 'Time and memory of a request as the context grows from 512 to 8,192 tokens',
    usesFiles: true,
    proposed: false,
  },
  soak: {
    description:
      'Thousands of random edits and requests against one server: memory, and whether answers stay right',
    usesFiles: true,
    proposed: false,
  },
} as const satisfies Record<string, SuiteDescription>;

export type SuiteName = keyof typeof suiteDescriptions;
export const suiteNames = Object.keys(suiteDescriptions) as SuiteName[];

/** What the suite `monitor` measures (ids of VS Code). */
export const monitorLanguages = ['typescript', 'python', 'cpp'] as const;

/** Random weights that `device` and `decode` can measure. */
export const shapeNames = ['0.5B', '1.5B', '3B'] as const;
export type ShapeName = (typeof shapeNames)[number];

/** The suites of these names (`all`: every one), in order and once each. */
export function selectSuites(names: readonly string[]): SuiteName[] {
  return suiteNames.filter((suite) => names.includes('all') || names.includes(suite));
}

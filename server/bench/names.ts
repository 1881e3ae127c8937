interface SuiteDescription {
  /** One line for a list to choose from. */
  readonly description: string;
  /** Whether it edits source text, and so can take the user's own (`BenchOptions.sources`). */
  readonly usesFiles: boolean;
}

/** The suites that exist, in the order in which `all` runs them. */
export const suiteDescriptions = {
  startup: { description: 'Process start to first completion; memory of the server', usesFiles: false },
  decode: { description: 'Passes of the model: decode, prefill, 16 rows at once', usesFiles: false },
  'edit-replay': {
    description: 'Edits anywhere in a document: what they cost with and without reuse of the KV cache',
    usesFiles: true,
  },
  typing: { description: 'Keystroke to answer through the language server', usesFiles: false },
  quality: { description: 'What int8 and int4 weights do to the perplexity', usesFiles: false },
} as const satisfies Record<string, SuiteDescription>;

export type SuiteName = keyof typeof suiteDescriptions;
export const suiteNames = Object.keys(suiteDescriptions) as SuiteName[];

/** The suites of these names (`all`: every one), in order and once each. */
export function selectSuites(names: readonly string[]): SuiteName[] {
  return suiteNames.filter((suite) => names.includes('all') || names.includes(suite));
}

import type { CompletionRequest } from '../../engine';

/** A line that the default model has something to say about, for as long as it takes. */
export const lineRequest: CompletionRequest = {
  session: 'file:///a.ts',
  prefix:
    'export function sum(values: readonly number[]): number {\n  let total = 0;\n  for (const value of ',
  suffix: '\n  return total;\n}\n',
  context: [],
  mode: 'line',
  maxTokens: 16,
  deadlineMs: Number.POSITIVE_INFINITY,
  lineDeadlineMs: Number.POSITIVE_INFINITY,
  without: [],
};

/** A line at the end of a method whose beginning is `prefix`, within a minute. */
export const methodRequest = (
  prefix: string,
  change: Partial<CompletionRequest> = {},
): CompletionRequest => ({
  ...lineRequest,
  session: 'file:///stack.ts',
  prefix,
  suffix: '\n  }\n}\n',
  maxTokens: 24,
  deadlineMs: 60_000,
  lineDeadlineMs: 60_000,
  ...change,
});

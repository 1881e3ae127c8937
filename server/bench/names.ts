/** The suites that exist, in the order in which `all` runs them. */
export const suiteNames = ['startup', 'decode', 'edit-replay', 'typing', 'quality'] as const;
export type SuiteName = (typeof suiteNames)[number];

/** The suites of these names (`all`: every one), in order and once each. */
export function selectSuites(names: readonly string[]): SuiteName[] {
  return suiteNames.filter((suite) => names.includes('all') || names.includes(suite));
}

import type { SuiteName } from './names';
import type { BenchReport } from './report';

/** What a run tells whoever started it, while it goes on. */
export type BenchMessage =
  /** `line`: what is measured next. */
  | { readonly kind: 'progress'; readonly suite: SuiteName; readonly line: string }
  | { readonly kind: 'report'; readonly report: BenchReport };

import type { Precision } from '../../engine/model/linear';
import type { ShapeName } from './names';
import type { BenchReport } from './report';

export interface BenchOptions {
  /** The folder that holds dist/ and models/; in a checkout also test/. */
  readonly root: string;
  /** Only this model; where left out, the shipped one and the shapes that a suite compares. */
  readonly modelDirectory?: string;
  /** What the product would run on; `cpu` where left out. */
  readonly device?: 'auto' | 'cpu' | 'webgpu';
  /** How the weights are held, of suites that do not compare precisions; where left out each takes its own. */
  readonly precision?: Precision;
  /** Random weights in these shapes in place of the models that `device` and `decode` measure. */
  readonly shapes?: readonly ShapeName[];
  /** By `performance.now()`: from then on a suite that can begins nothing new, and reports what it has. */
  readonly deadline?: number;
  /** Where models made for measuring and prepared graphs are kept. */
  readonly cacheDirectory: string;
  /** Folders of the user's own source to edit in place of the built-in text. */
  readonly sources?: readonly string[];
  /** Only these languages (ids of VS Code), of suites that measure several. */
  readonly languages?: readonly string[];
  /** Told what is measured next. */
  readonly progress: (line: string) => void;
}

/** The same with only a share of the time that is left. */
export function withShare<T extends Pick<BenchOptions, 'deadline'>>(options: T, share: number): T {
  const { deadline = Number.POSITIVE_INFINITY } = options;
  const now = performance.now();
  return { ...options, deadline: now + share * (deadline - now) };
}

export const isOver = ({ deadline = Number.POSITIVE_INFINITY }: Pick<BenchOptions, 'deadline'>) =>
  performance.now() > deadline;

export type Suite = (options: BenchOptions) => Promise<BenchReport>;

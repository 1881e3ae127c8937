import type { BenchReport } from './report';

export interface BenchOptions {
  /** The folder that holds dist/ and models/; in a checkout also test/. */
  readonly root: string;
  /** Only this model; where left out, the shipped one and the shapes that a suite compares. */
  readonly modelDirectory?: string;
  /** What the product would run on; `cpu` where left out. */
  readonly device?: 'auto' | 'cpu' | 'webgpu';
  /** Where models made for measuring and prepared graphs are kept. */
  readonly cacheDirectory: string;
  /** Folders of the user's own source to edit in place of the built-in text. */
  readonly sources?: readonly string[];
  /** Only these languages (ids of VS Code), of suites that measure several. */
  readonly languages?: readonly string[];
  /** Told what is measured next. */
  readonly progress: (line: string) => void;
}

export type Suite = (options: BenchOptions) => Promise<BenchReport>;

import { join } from 'node:path';
import type { ShapeName } from '../names';
import { randomModel, randomModelName } from '../randomModel';
import type { BenchOptions } from '../suite';

export interface BenchModel {
  readonly label: string;
  readonly directory: string;
  /** On the processor at 8 bit: the goal for a decode step against one read of the weights. Small models live in its caches. */
  readonly readGoal?: number;
  /** Turns: fewer where each takes seconds. */
  readonly rounds: number;
  readonly prefillRounds: number;
}

/** The model that was named; else random weights in the shapes that were; else the default model and the smallest of them. */
export async function benchModels(options: BenchOptions): Promise<BenchModel[]> {
  const { root, modelDirectory, shapes } = options;
  if (modelDirectory !== undefined)
    return [{ label: 'model', directory: modelDirectory, rounds: 8, prefillRounds: 3 }];
  const models: BenchModel[] = [];
  if (shapes === undefined) {
    const directory = join(root, 'models', 'default');
    models.push({ label: 'default', directory, rounds: 20, prefillRounds: 10 });
  }
  for (const shape of shapes ?? ['0.5B']) models.push(await shapeModel(shape, options));
  return models;
}

async function shapeModel(shape: ShapeName, { cacheDirectory, progress }: BenchOptions): Promise<BenchModel> {
  progress(`writing ${randomModelName(shape)} under ${cacheDirectory} if not there yet`);
  return {
    label: `${shape} shape`,
    directory: await randomModel(cacheDirectory, shape),
    rounds: 5,
    prefillRounds: 2,
    readGoal: 1.5,
  };
}

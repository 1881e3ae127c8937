import { join } from 'node:path';
import { SlipstreamError } from '../../engine/index';
import type { Precision } from '../../engine/model/linear';
import { deviceRefusal } from '../../engine/runtime/webgpu/session';
import { adapter, adapterNote } from './device/adapter';
import { trial } from './device/choice';
import { type Contender, type DeviceName, openContender } from './device/contender';
import { contextTokens } from './device/edits';
import { isCutShort, measureInTurns, type Rounds } from './device/measure';
import { deviceChart, deviceRows, type Goals, typicalMs } from './device/rows';
import type { ShapeName } from './names';
import { randomModel, randomModelName } from './randomModel';
import { type BenchChart, type BenchReport, type BenchRow, machine, significant } from './report';
import { type BenchOptions, isOver, type Suite } from './suite';
import { widened } from './wide';

interface DeviceModel {
  readonly label: string;
  readonly directory: string;
  /** The same without a longer context: what the product runs. */
  readonly own: string;
  readonly precision: Precision;
  readonly goals: Goals;
}

/** Of a GPU at 4 bit, in milliseconds. */
const shapeGoals: Readonly<Record<ShapeName, Goals>> = {
  '0.5B': { editToFirst: 25, editToCompletionP95: 150 },
  '1.5B': { editToFirst: 40, editToCompletionP95: 150 },
  '3B': {},
};

const allRounds: Rounds = { edits: 40, recomputations: 4, passes: 5 };

/** The devices of this machine with the same model, in turns, and which of them the product takes for it. */
export const deviceSuite: Suite = (options) => measureDevices(options, allRounds);

/** @throws SlipstreamError device-unavailable where only a GPU is to be measured, and there is none */
export async function measureDevices(options: BenchOptions, rounds: Rounds): Promise<BenchReport> {
  const rows: BenchRow[] = [];
  const notes: string[] = [];
  const charts: BenchChart[] = [];
  const found = await adapter();
  // Before gigabytes of weights are written for it.
  if (options.device === 'webgpu') await requireGpu();
  for (const model of await modelsOf(options)) {
    if (isOver(options)) {
      notes.push(`${model.label}: not measured, the time was up.`);
      continue;
    }
    const progress = (line: string) => options.progress(`${model.label}: ${line}`);
    const chosen = await trial({ ...model, directory: model.own }, options, progress);
    notes.push(`${model.label} at ${model.precision}: ${chosen.note}`);
    const { contenders, refusals } = await openAll(model, chosen.rowsPerPass, options, progress);
    notes.push(...refusals.map((refusal) => `${model.label}: ${refusal}`));
    try {
      const all = await measureInTurns(
        contenders,
        rounds,
        options.deadline ?? Number.POSITIVE_INFINITY,
        progress,
      );
      const [reference] = all;
      for (const [i, figures] of all.entries()) {
        const isGpu = figures.contender.device === 'webgpu' && !found.isSoftware;
        const compared = i === 0 ? undefined : reference;
        rows.push(...deviceRows(model.label, figures, compared, isGpu ? model.goals : {}));
      }
      if (all.some(isCutShort)) notes.push(`${model.label}: there was no time for what is missing.`);
      charts.push(deviceChart(model.label, all));
      const typical = all.map((figures) => ({ device: figures.contender.device, ms: typicalMs(figures) }));
      notes.push(...fasterNote(model.label, typical));
      if (contenders.some(({ device }) => device === 'webgpu')) notes.push(adapterNote(found));
    } finally {
      for (const contender of contenders) await contender.release();
    }
  }
  return { suite: 'device', machine: machine(), rows, charts, notes: [...new Set([...notes, ...methods])] };
}

async function requireGpu(): Promise<void> {
  const refusal = await deviceRefusal();
  if (refusal === undefined) return;
  throw new SlipstreamError(
    'device-unavailable',
    `Cannot measure the GPU because WebGPU failed (${refusal}); update the driver, or set the device to "auto" or "cpu".`,
  );
}

const methods = [
  `Edits: 3 tokens come or go in the middle of ${contextTokens} tokens of context; plan, rotation of what moves, prefill of what is new and decoding are the product's, without drafts or looking ahead. A time ends when its token is known on the processor.`,
  "Memory bandwidth: on the processor all its threads search 512 MiB (memchr); on the GPU eight products of a buffer of 256 MiB (less where it is slow) with a number, read and written. Decoding is held against the reading of the weights and of the rows' keys and values.",
];

async function modelsOf({
  root,
  modelDirectory,
  cacheDirectory,
  shapes = [],
  precision,
  progress,
}: BenchOptions): Promise<DeviceModel[]> {
  if (shapes.length === 0) {
    const own = modelDirectory ?? join(root, 'models', 'default');
    const directory = await widened(own, contextTokens, cacheDirectory);
    return [{ label: 'model', directory, own, precision: precision ?? 'int8', goals: {} }];
  }
  const models: DeviceModel[] = [];
  for (const shape of shapes) {
    progress(`writing ${randomModelName(shape)} if not there yet`);
    const directory = await randomModel(cacheDirectory, shape);
    models.push({
      label: `${shape} shape`,
      directory,
      own: directory,
      precision: precision ?? 'int4',
      goals: (precision ?? 'int4') === 'int4' ? shapeGoals[shape] : {},
    });
  }
  return models;
}

/** The devices that there are, the processor first; and of each other one why it is not. */
async function openAll(
  { directory, precision }: DeviceModel,
  rowsPerPass: number | undefined,
  { device = 'auto', cacheDirectory }: BenchOptions,
  progress: (line: string) => void,
): Promise<{ contenders: Contender[]; refusals: string[] }> {
  const wanted: readonly DeviceName[] = device === 'auto' ? ['cpu', 'webgpu'] : [device];
  const contenders: Contender[] = [];
  const refusals: string[] = [];
  for (const name of wanted) {
    progress(`loading on ${name}`);
    try {
      const how = { modelDirectory: directory, precision, cacheDirectory, rowsPerPass };
      contenders.push(await openContender(name, how));
    } catch (error) {
      const isRefusal = error instanceof SlipstreamError && error.code === 'device-unavailable';
      if (!isRefusal || wanted.length === 1) {
        for (const contender of contenders) await contender.release();
        throw error;
      }
      refusals.push(`not measured on ${name}. ${error.message}`);
    }
  }
  return { contenders, refusals };
}

function fasterNote(label: string, typical: readonly { device: DeviceName; ms: number }[]): string[] {
  const [best, next] = typical.filter(({ ms }) => Number.isFinite(ms)).sort((a, b) => a.ms - b.ms);
  if (best === undefined || next === undefined) return [];
  const times = significant(next.ms / best.ms);
  return [
    `${label}: ${best.device} is the faster one for a typical completion, ${significant(best.ms)} ms against ${significant(next.ms)} ms (${times} times as fast).`,
  ];
}

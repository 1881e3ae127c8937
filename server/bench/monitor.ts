import { startEngine } from '../../engine/index';
import { engineOptions } from '../engine/options';
import { defaultSettings } from '../protocol';
import { servedLanguages } from './monitor/languages';
import type { MonitorPart } from './monitor/part';
import { measureServed, type ServedPlan } from './monitor/served';
import { measureTypeScript, type TypeScriptPlan } from './monitor/typescript';
import { type BenchReport, machine } from './report';
import type { BenchOptions, Suite } from './suite';

/** What is measured; tests measure less. */
export interface MonitorPlan {
  readonly typescript: TypeScriptPlan;
  readonly served: ServedPlan;
}

const plan: MonitorPlan = {
  typescript: { dereferences: 500, equal: 120, eachKind: 800, restricted: 2000, projectFiles: 1000, seed: 1 },
  served: { files: 30, dereferences: 120, asked: 300, restricted: 150, seed: 1 },
};

/** Type monitors: what compiles with and without, whether what is right is ever forbidden, and what it costs. */
export const monitorSuite: Suite = (options) => runMonitor(options, plan);

export async function runMonitor(options: BenchOptions, what: MonitorPlan): Promise<BenchReport> {
  const isMeasured = (language: string) => options.languages?.includes(language) ?? true;
  const engine = await startEngine({
    ...engineOptions({ ...defaultSettings, model: options.modelDirectory ?? '' }, process.cwd()),
    cacheDirectory: options.cacheDirectory,
  });
  try {
    const parts: MonitorPart[] = [];
    if (isMeasured('typescript')) parts.push(await measureTypeScript(engine, options, what.typescript));
    for (const language of servedLanguages)
      if (isMeasured(language.id)) parts.push(await measureServed(engine, language, options, what.served));
    return {
      suite: 'monitor',
      machine: machine(),
      rows: parts.flatMap(({ rows }) => rows),
      charts: parts.flatMap(({ charts }) => charts),
      notes: [
        'Compiles: the file has no error that it did not have. Identifiers and tokens: the share that is the same from the start of the line on (ISM and PM of arXiv 2306.10763).',
        ...parts.flatMap(({ notes }) => notes),
      ],
    };
  } finally {
    await engine.dispose();
  }
}

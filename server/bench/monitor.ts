import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startEngine } from '../../engine/index';
import { engineOptions } from '../engine/options';
import { createTypeScriptAnalyst } from '../monitors/typescript/analyst';
import { createProjects } from '../monitors/typescript/project';
import { defaultSettings } from '../protocol';
import { heldOutFolders } from './heldOut';
import { answerAll, type Way } from './monitor/answers';
import { createJudge } from './monitor/judge';
import { memoryRows } from './monitor/memory';
import { dereferences, languageOf, triggered } from './monitor/places';
import { falseMaskRows, keptChart, qualityRows, timeRows } from './monitor/rows';
import { type BenchReport, machine } from './report';
import type { BenchOptions, Suite } from './suite';

/** What is measured; tests measure less. */
export interface MonitorPlan {
  /** Dereferences that are completed. */
  readonly dereferences: number;
  /** Places of each kind in code that compiles at which nothing that is right must be forbidden. */
  readonly eachKind: number;
  /** Files of a project whose analysis is held in memory. */
  readonly projectFiles: number;
  readonly seed: number;
}

const plan: MonitorPlan = { dereferences: 500, eachKind: 800, projectFiles: 1000, seed: 1 };

const ways = {
  'with monitors': {},
  'without monitors': { without: ['monitor'] },
} as const satisfies Record<string, Way>;
export type WayName = keyof typeof ways;

/** Ways that must write the same and differ in time only, at the first of the places. */
const equalWays = {
  optimistic: {},
  waiting: { monitors: { waits: true } },
  'without copies': { without: ['copy'] },
} as const satisfies Record<string, Way>;
export type EqualWayName = keyof typeof equalWays;
const equalPlaces = 120;

/** Type monitors on TypeScript: what compiles with and without, whether what is right is ever forbidden, and what it costs. */
export const monitorSuite: Suite = (options) => runMonitor(options, plan);

export async function runMonitor(options: BenchOptions, what: MonitorPlan): Promise<BenchReport> {
  const files = (options.sources ?? heldOutFolders(options.root)).flatMap(sourceFiles);
  const typescript = files.filter((file) => languageOf(file).startsWith('typescript'));
  const projects = createProjects(join(__dirname, 'typescript'));
  options.progress('looking for dereferences');
  const places = dereferences(projects, typescript, what.dereferences, what.seed);
  const settings = { ...defaultSettings, model: options.modelDirectory ?? '' };
  const engine = await startEngine({
    ...engineOptions(settings, process.cwd()),
    cacheDirectory: options.cacheDirectory,
  });
  const analyst = createTypeScriptAnalyst({
    workerPath: join(__dirname, 'analysisWorker.js'),
    openDocuments: () => [],
    megabytes: () => defaultSettings.analysisMegabytes,
    log: options.progress,
  });
  try {
    const answers = await answerAll(engine, analyst, places, ways, (done) =>
      options.progress(`place ${done} of ${places.length}`),
    );
    const same = await answerAll(engine, analyst, places.slice(0, equalPlaces), equalWays, (done) =>
      options.progress(`place ${done} of ${equalPlaces}, waiting and without copies`),
    );
    sameTexts(same.optimistic, same.waiting);
    sameTexts(same.optimistic, same['without copies']);
    const judge = createJudge(projects);
    const judged = (name: WayName) =>
      places.map((place, i) => {
        if (i % 50 === 0) options.progress(`judging place ${i}, ${name}`);
        return judge(place, answers[name][i]?.text ?? '');
      });
    const verdicts = {
      'with monitors': judged('with monitors'),
      'without monitors': judged('without monitors'),
    };
    const masks = falseMaskRows(projects, triggered(files, what.seed), what.eachKind, options.progress);
    return {
      suite: 'monitor',
      machine: machine(),
      rows: [
        ...qualityRows(verdicts),
        ...masks.rows,
        ...timeRows(answers, same),
        ...(await memoryRows(what.projectFiles)),
      ],
      charts: [keptChart(answers['with monitors'], verdicts['with monitors'])],
      notes: [
        `Rests of ${places.length} lines of TypeScript that the model has not seen, behind the dot of a receiver whose type is known; all ways at the same places, in turns.`,
        'Compiles: the file has no error that it did not have. Identifiers and tokens: the share that is the same from the start of the line on (ISM and PM of arXiv 2306.10763).',
        `At the first ${equalPlaces} places all texts were the same with waiting for every answer, and without copies: a run in which they are not fails.`,
        ...places.flatMap(({ fileName, before }, i) =>
          verdicts['with monitors'][i]?.isNoMember
            ? [`No member: ${fileName} "${before.slice(-40)}|${answers['with monitors'][i]?.text}"`]
            : [],
        ),
        ...masks.notes,
      ],
    };
  } finally {
    await Promise.all([engine.dispose(), analyst.dispose()]);
  }
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(
      (name) => languageOf(name) !== 'plaintext' && !name.endsWith('.d.ts') && !name.includes('node_modules'),
    )
    .map((name) => join(folder, name))
    .sort();
}

/** @throws Error where what only saves time has changed a text */
function sameTexts(one: readonly { text: string }[], other: readonly { text: string }[]): void {
  const at = one.findIndex(({ text }, i) => text !== other[i]?.text);
  if (at >= 0) throw new Error(`What must only save time has changed the text of place ${at + 1}.`);
}

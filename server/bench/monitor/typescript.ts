import { join } from 'node:path';
import type { Engine } from '../../../engine/index';
import { createTypeScriptAnalyst } from '../../monitors/typescript/analyst';
import { answerAt } from '../../monitors/typescript/answers';
import { hypothetical } from '../../monitors/typescript/hypothesis';
import { createProjects, type Projects } from '../../monitors/typescript/project';
import { triggersOf } from '../../monitors/typescript/triggers';
import { defaultSettings } from '../../protocol';
import { filesBelow } from '../files';
import { heldOutFolders } from '../heldOut';
import type { BenchOptions } from '../suite';
import { answerAll, equalWays, ways } from './answers';
import { createJudge } from './judge';
import { falseMaskRows, type Restricted, restricted } from './masks';
import { memoryRows } from './memory';
import { judgeAll, type MonitorPart, noMemberNotes } from './part';
import { dereferences, languageOf, type TriggeredPlace, triggered } from './places';
import { keptChart, qualityRows, timeRows } from './rows';
import { typescriptCompiler } from './typescriptCompiler';

export interface TypeScriptPlan {
  /** Dereferences that are completed. */
  readonly dereferences: number;
  /** The first of them, at which ways are compared that must write the same. */
  readonly equal: number;
  /** Places of each kind in code that compiles at which nothing that is right must be forbidden. */
  readonly eachKind: number;
  /** How many such places there must be. */
  readonly restricted: number;
  /** Files of a project whose analysis is held in memory. */
  readonly projectFiles: number;
  readonly seed: number;
}

export async function measureTypeScript(
  engine: Engine,
  { root, sources, progress }: BenchOptions,
  plan: TypeScriptPlan,
): Promise<MonitorPart> {
  // First of all: later the memory of this process goes up and down with its own garbage.
  const memory = await memoryRows(plan.projectFiles);
  const files = (sources ?? heldOutFolders(root)).flatMap(sourceFiles);
  const typescript = files.filter((file) => languageOf(file).startsWith('typescript'));
  const projects = createProjects(join(__dirname, 'typescript'));
  progress('looking for dereferences');
  const places = dereferences(projects, typescript, plan.dereferences, plan.seed);
  const analyst = createTypeScriptAnalyst({
    workerPath: join(__dirname, 'analysisWorker.js'),
    openDocuments: () => [],
    megabytes: () => defaultSettings.analysisMegabytes,
    log: progress,
  });
  try {
    const answers = await answerAll(engine, analyst, places, ways, (done) =>
      progress(`place ${done} of ${places.length}`),
    );
    const same = await answerAll(engine, analyst, places.slice(0, plan.equal), equalWays, (done) =>
      progress(`place ${done} of ${plan.equal}, waiting and without copies`),
    );
    sameTexts(same.optimistic, same.waiting);
    sameTexts(same.optimistic, same['without copies']);
    const judged = await judgeAll(createJudge(typescriptCompiler(projects)), places, answers, progress);
    const candidates = triggered(files, languageOf, triggersOf, plan.seed);
    const masks = falseMaskRows(
      restrictedPlaces(projects, candidates, plan.eachKind, progress),
      plan.restricted,
    );
    return {
      rows: [...qualityRows(judged), ...masks.rows, ...timeRows(answers, same), ...memory],
      charts: [keptChart(answers['with monitors'], judged['with monitors'])],
      notes: [
        `Rests of ${places.length} lines of TypeScript that the model has not seen, behind the dot of a receiver whose type is known; all ways at the same places, in turns.`,
        `At the first ${plan.equal} places all texts were the same with waiting for every answer, and without copies: a run in which they are not fails.`,
        ...noMemberNotes(places, answers['with monitors'], judged['with monitors']),
        ...masks.notes,
      ],
    };
  } finally {
    await analyst.dispose();
  }
}

/** Of a kind that is seldom answered not all places are asked about. */
const mostAsked = 3;

/** The first places of each kind at which the analysis restricts something. */
function restrictedPlaces(
  projects: Projects,
  places: readonly TriggeredPlace[],
  eachKind: number,
  progress: (line: string) => void,
): Restricted[] {
  const counts = new Map<string, { asked: number; answered: number }>();
  return places.flatMap((place) =>
    place.kinds.flatMap((kind) => {
      const count = counts.get(kind) ?? { asked: 0, answered: 0 };
      counts.set(kind, count);
      if (count.answered >= eachKind || count.asked >= mostAsked * eachKind) return [];
      if (count.asked++ % 100 === 0) progress(`right text at places of kind ${kind}: ${count.asked}`);
      const file = projects.analyse(place.fileName, hypothetical(place.before, place.after));
      if (file === undefined) return [];
      const answer = answerAt(file, place.before.length, [kind]);
      if (!('legal' in answer)) return [];
      count.answered++;
      return [restricted(kind, place, answer.legal)];
    }),
  );
}

function sourceFiles(folder: string): string[] {
  return filesBelow(folder)
    .filter(
      (name) => languageOf(name) !== 'plaintext' && !name.endsWith('.d.ts') && !name.includes('node_modules'),
    )
    .map((name) => join(folder, name));
}

/** @throws Error where what only saves time has changed a text */
function sameTexts(one: readonly { text: string }[], other: readonly { text: string }[]): void {
  const at = one.findIndex(({ text }, i) => text !== other[i]?.text);
  if (at >= 0) throw new Error(`What must only save time has changed the text of place ${at + 1}.`);
}

import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Engine } from '../../../engine/index';
import type { Analyst } from '../../monitors/analyst';
import { builtInServers, createLanguageServerAnalyst } from '../../monitors/languageServer/index';
import { resolveCommand } from '../../monitors/languageServer/servers';
import type { BenchOptions } from '../suite';
import { answerAll, ways } from './answers';
import { type Compiler, createJudge } from './judge';
import type { ServedLanguage } from './languages';
import { falseMaskRows, type Restricted, restricted } from './masks';
import { judgeAll, type MonitorPart, noMemberNotes } from './part';
import { type HeldPlace, type TriggeredPlace, triggered } from './places';
import { keptChart, qualityRows, questionRows } from './rows';
import { serverCompiler } from './serverCompiler';
import { debianSources, ownSources } from './sources';

export interface ServedPlan {
  /** The largest files of the source that are measured: a server reads each with all that it includes. */
  readonly files: number;
  /** Dereferences that are completed. */
  readonly dereferences: number;
  /** Places of code that compiles about which the server is asked; some of those that it restricts are completed. */
  readonly asked: number;
  /** How many of them it must restrict. */
  readonly restricted: number;
  readonly seed: number;
}

/** A server may read a file with all its headers before it answers: nobody's time counts then. */
const patienceMs = 60_000;

/** A language whose monitors ask its language server; only notes where that or source in the language is missing. */
export async function measureServed(
  engine: Engine,
  language: ServedLanguage,
  { sources: own, cacheDirectory, progress }: BenchOptions,
  plan: ServedPlan,
): Promise<MonitorPart> {
  const nothing = (why: string): MonitorPart => ({ rows: [], charts: [], notes: [why] });
  const server = builtInServers.find(({ languages }) => languages.includes(language.id));
  if (server === undefined) return nothing(`${language.name} is not measured: it has no language server.`);
  const installed = await resolveCommand(server, []);
  if ('reason' in installed) return nothing(`${language.name} is not measured: ${installed.reason}`);
  progress(`${language.name}: source`);
  const sources =
    own === undefined ? await debianSources(language, cacheDirectory) : ownSources(language, own);
  if (sources === undefined)
    return nothing(`${language.name} is not measured: the folders have no source in it.`);
  if ('reason' in sources) return nothing(sources.reason);

  const say = (line: string) => progress(`${language.name}: ${line}`);
  const analyst = createLanguageServerAnalyst({
    servers: [server],
    folders: () => [sources.root],
    isTrusted: () => true,
    startMs: patienceMs,
    readMs: patienceMs,
    patienceMs,
    log: say,
  });
  const compiler = await serverCompiler(language, server, sources.root, say);
  try {
    const all = triggered(
      largest(sources.files, plan.files),
      () => language.id,
      () => analyst.triggers('file:///', language.id),
      plan.seed,
    );
    const found = await restrictedPlaces(analyst, byFile(all.slice(0, plan.asked)), say);
    const isWrong: boolean[] = [];
    for (const one of found) isWrong.push(await isNoMember(compiler, one));
    const places = found.filter((_, i) => !isWrong[i]);
    const held = byFile(dereferences(all, places, plan.dereferences));
    if (held.length === 0)
      return nothing(`${language.name} is not measured: nothing of the source is known.`);
    const answers = await answerAll(engine, analyst, held, ways, (done) =>
      say(`place ${done} of ${held.length}`),
    );
    const judged = await judgeAll(createJudge(compiler), held, answers, say);
    const masks = falseMaskRows(places, plan.restricted);
    const rows = [...qualityRows(judged), ...masks.rows, ...questionRows(answers['with monitors'])];
    const chart = keptChart(answers['with monitors'], judged['with monitors']);
    return {
      rows: rows.map((one) => ({ ...one, name: `${language.name}: ${one.name}` })),
      charts: [{ ...chart, title: `${language.name}: ${chart.title}` }],
      notes: [
        `${language.name}: rests of ${held.length} lines of ${sources.packages.join(', ')}, behind a receiver whose members ${server.command[0]} knows; of ${Math.min(all.length, plan.asked)} places it restricts ${found.length}.`,
        ...found.flatMap(({ place }, i) =>
          isWrong[i]
            ? [
                `${language.name}: Does not compile as it stands, and so does not count: ${place.fileName} "${place.before.slice(-40)}|${place.rest.slice(0, 40)}"`,
              ]
            : [],
        ),
        ...[...noMemberNotes(held, answers['with monitors'], judged['with monitors']), ...masks.notes].map(
          (note) => `${language.name}: ${note}`,
        ),
      ],
    };
  } finally {
    await Promise.all([analyst.dispose(), compiler.stop()]);
  }
}

const largest = (files: readonly string[], n: number): string[] =>
  files
    .map((file) => ({ file, bytes: statSync(file).size }))
    .sort((one, other) => other.bytes - one.bytes)
    .slice(0, n)
    .map(({ file }) => file);

/** Files one after the other: a server that has read one answers at once. */
const byFile = <Place extends HeldPlace>(places: readonly Place[]): Place[] =>
  [...places].sort((one, other) =>
    one.fileName === other.fileName
      ? one.before.length - other.before.length
      : one.fileName < other.fileName
        ? -1
        : 1,
  );

async function restrictedPlaces(
  analyst: Analyst,
  places: readonly TriggeredPlace[],
  say: (line: string) => void,
): Promise<Restricted[]> {
  const found: Restricted[] = [];
  for (const [i, place] of places.entries()) {
    if (i % 20 === 0) say(`right text at place ${i} of ${places.length}`);
    const { fileName, languageId, kinds, before, after } = place;
    const uri = pathToFileURL(fileName).href;
    const answer = await analyst.ask({ uri, languageId, kinds, before, after });
    if ('legal' in answer) found.push(restricted(answer.legal[0]?.kind ?? '', place, answer.legal));
  }
  return found;
}

/** What stands there is forbidden, and rightly: the compiler knows no such name either (another platform's, one of later). */
async function isNoMember(compiler: Compiler, { isForbidden, place }: Restricted): Promise<boolean> {
  if (!isForbidden) return false;
  const { fileName, before, rest, after } = place;
  const findings = await compiler.findings(fileName, before + rest + after);
  return findings.some((finding) => finding.isNoMember && finding.start === before.length);
}

/** The first dereferences, in the order in which all places were drawn, that are followed by a name in the same line. */
function dereferences(all: readonly HeldPlace[], found: readonly Restricted[], n: number): HeldPlace[] {
  const known = new Set(found.filter(({ kind }) => kind === 'member').map(({ place }) => place));
  return all.filter((place) => known.has(place) && /^[\p{L}_]/u.test(place.rest)).slice(0, n);
}

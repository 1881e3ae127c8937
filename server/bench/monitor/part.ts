import type { BenchChart, BenchRow } from '../report';
import type { Answered } from './answers';
import type { Verdict } from './judge';
import type { HeldPlace } from './places';
import type { Judged } from './rows';

/** What a language contributes to the report. */
export interface MonitorPart {
  readonly rows: readonly BenchRow[];
  readonly notes: readonly string[];
  readonly charts: readonly BenchChart[];
}

type Judge = (place: HeldPlace, written: string) => Promise<Verdict>;

/** Judges what was written at each place in both ways. */
export async function judgeAll(
  judge: Judge,
  places: readonly HeldPlace[],
  answers: Readonly<Record<keyof Judged, readonly Answered[]>>,
  progress: (line: string) => void,
): Promise<Judged> {
  const verdicts = { 'with monitors': [] as Verdict[], 'without monitors': [] as Verdict[] };
  for (const [i, place] of places.entries()) {
    if (i % 20 === 0) progress(`judging place ${i} of ${places.length}`);
    // Both at once: a compiler that has read the file before judges in no time.
    for (const name of ['with monitors', 'without monitors'] as const)
      verdicts[name].push(await judge(place, answers[name][i]?.text ?? ''));
  }
  return verdicts;
}

/** The places at which a member was written, with monitors, that there is not. */
export const noMemberNotes = (
  places: readonly HeldPlace[],
  answers: readonly Answered[],
  verdicts: readonly Verdict[],
): string[] =>
  places.flatMap(({ fileName, before }, i) => {
    if (!verdicts[i]?.isNoMember) return [];
    const { text, result } = answers[i] ?? {};
    const asked = result?.completion?.monitored.find(({ at }) => at === 0);
    return [
      `No member: ${fileName} "${before.slice(-40)}|${text}" (${asked?.reason ?? `${asked?.legal} names were legal`})`,
    ];
  });

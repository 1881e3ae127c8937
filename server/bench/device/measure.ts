import { type Sampler, samplesInTurns } from '../measure';
import { isOver, withShare } from '../suite';
import { type Contender, contexts, type DeviceName } from './contender';
import type { Answer } from './edits';

/** How often each thing is done, at most: fewer times where there is no time for more. */
export interface Rounds {
  readonly edits: number;
  readonly recomputations: number;
  readonly passes: number;
}

/** What was measured of one device, in milliseconds; lists are empty where there was no time. */
export interface Figures {
  readonly contender: Contender;
  readonly edits: readonly Answer[];
  readonly recomputed: readonly Answer[];
  readonly prefill: readonly number[];
  readonly oneRow: readonly number[];
  readonly batch: readonly number[];
  readonly memory: readonly number[];
  /** Of one token, behind each of `contexts`. */
  readonly decode: readonly (readonly number[])[];
}

/** Measures all devices in turns: what matters most first, since time may run out. */
export async function measureInTurns(
  contenders: readonly Contender[],
  rounds: Rounds,
  deadline: number,
  progress: (line: string) => void,
): Promise<Figures[]> {
  /** @param share of the time that is left */
  const inTurns = (of: (contender: Contender) => Sampler, count: number, share: number) => {
    const samplers = contenders.map((contender) => [contender.device, of(contender)] as const);
    const time = withShare({ deadline }, share);
    return samplesInTurns(new Map(samplers), count, () => isOver(time));
  };
  const answers = async (what: 'edit' | 'recompute', count: number, share: number) => {
    const taken = new Map<DeviceName, Answer[]>(contenders.map(({ device }) => [device, []]));
    const sampler = (contender: Contender) => async () => {
      const answer = await contender[what]();
      taken.get(contender.device)?.push(answer);
      return [answer.totalMs];
    };
    await inTurns(sampler, count, share);
    return taken;
  };

  progress('edits in the middle of 2,048 tokens');
  const edits = await answers('edit', rounds.edits, 0.4);
  progress('decode');
  const decode: Map<DeviceName, number[]>[] = [];
  for (const context of contexts)
    decode.push(await inTurns((one) => one.decode(context), rounds.passes, 0.25));
  const memory = await inTurns(({ samplers }) => samplers.memory, rounds.passes, 0.25);
  progress('prefill, and several rows at once');
  const prefill = await inTurns(({ samplers }) => samplers.prefill, rounds.recomputations, 0.25);
  const oneRow = await inTurns(({ samplers }) => samplers['one row'], rounds.passes, 0.25);
  const batch = await inTurns(({ samplers }) => samplers.batch, rounds.passes, 0.5);
  progress('computing all anew');
  const recomputed = await answers('recompute', rounds.recomputations, 1);
  return contenders.map((contender) => {
    const of = <T>(samples: ReadonlyMap<DeviceName, readonly T[]>) => samples.get(contender.device) ?? [];
    return {
      contender,
      // The first one, which nobody has anything cached for, does not count.
      edits: of(edits).slice(1),
      recomputed: of(recomputed).slice(1),
      prefill: of(prefill),
      oneRow: of(oneRow),
      batch: of(batch),
      memory: of(memory),
      decode: decode.map(of),
    };
  });
}

/** Whether time ran out before each thing was measured once. */
export const isCutShort = ({ edits, recomputed, prefill, oneRow, batch, memory, decode }: Figures) =>
  [edits, recomputed, prefill, oneRow, batch, memory, ...decode].some(({ length }) => length === 0);

import { join } from 'node:path';
import { createKneeMeter } from '../../engine/decode/knee';
import { loadModel } from '../../engine/runtime/load';
import { type Contender, contenders, drafterOf, indexed } from './copy/drafters';
import { decodeForced, type Forced } from './copy/forced';
import { freshRows } from './copy/fresh';
import { greedyRows } from './copy/greedy';
import { type CopyTask, copyTasks, taskKinds } from './copy/tasks';
import { placed } from './device/placement';
import type { Decoder } from './engine';
import { sleep } from './measure';
import { type BenchChart, type BenchRow, machine, row } from './report';
import { isOver, type Suite, withShare } from './suite';
import { traceSources } from './traces/sources';
import { widened } from './wide';

const contextTokens = 2048;
const tasksPerKind = 12;
const threads = 2;
const leastPerPass = 2.5;

/**
 * Copy speculation on edits: tokens per forward pass and decode time with the longest match, with the published rule and
 * without any drafts, in turns. The intended text is forced upon the model; its own greedy completions are measured too.
 */
export const copySuite: Suite = async (options) => {
  const own = options.modelDirectory ?? join(options.root, 'models', 'default');
  const { cacheDirectory } = options;
  const modelDirectory = await widened(own, contextTokens, cacheDirectory);
  const { notes, ...place } = await placed(modelDirectory, options);
  const model = await loadModel({ modelDirectory, threads, cacheDirectory, ...place });
  const { decoder, tokenizer } = model;
  try {
    options.progress('verification knee');
    const meter = createKneeMeter(decoder);
    await meter.measure(() => false);
    const knee = meter.knee ?? 0;
    const files = traceSources(options.root, options.sources);
    const tasks = kindsInTurns(copyTasks(files, tasksPerKind, 1));
    const results: { task: CopyTask; forced: Readonly<Record<Contender, Forced>>; tokens: number }[] = [];
    const time = withShare(options, 0.5);
    for (const [i, task] of tasks.entries()) {
      if (i >= taskKinds.length && isOver(time)) break;
      options.progress(`edit ${i + 1} of ${tasks.length}`);
      const prompt = tokenizer.encode(task.before);
      const text = tokenizer.encode(task.written);
      const sources = await indexed(task.deleted === undefined ? [] : [task.deleted], tokenizer.encode);
      const forced: Partial<Record<Contender, Forced>> = {};
      for (const name of turned(contenders, i)) {
        await sleep(15);
        forced[name] = await decodeForced(decoder, prompt, text, drafterOf(name, sources, knee));
      }
      results.push({ task, forced: forced as Record<Contender, Forced>, tokens: text.length });
    }
    const total = (name: Contender, of: (forced: Forced) => number, kind?: string) =>
      results
        .filter(({ task }) => kind === undefined || task.kind === kind)
        .reduce((sum, { forced }) => sum + of(forced[name]), 0);
    const tokens = (kind?: string) =>
      results
        .filter(({ task }) => kind === undefined || task.kind === kind)
        .reduce((sum, each) => sum + each.tokens, 0);
    const perPass = (name: Contender, kind?: string) =>
      tokens(kind) / total(name, ({ forwards }) => forwards, kind);

    const rows: BenchRow[] = [
      row('edits: tokens per forward pass, longest', perPass('longest'), 'tokens', {
        // What the product does not do has no goal.
        goal: decoder.independentRows ? leastPerPass : undefined,
        goalKind: 'least',
      }),
      row('edits: tokens per forward pass, copyspec', perPass('copyspec'), 'tokens'),
      row('edits: tokens per forward pass, none', perPass('none'), 'tokens'),
      ...taskKinds.flatMap((kind) =>
        (['longest', 'copyspec'] as const).map((name) =>
          row(`${kind}: tokens per forward pass, ${name}`, perPass(name, kind), 'tokens'),
        ),
      ),
      ...(['longest', 'copyspec'] as const).map((name) =>
        row(`edits: time per token, ${name} against none`, total(name, ({ ms }) => ms) / tokens(), 'ms', {
          baseline: total('none', ({ ms }) => ms) / tokens(),
        }),
      ),
      ...(['longest', 'copyspec'] as const).map((name) =>
        row(
          `edits: drafted tokens that were accepted, ${name}`,
          (100 * total(name, ({ accepted }) => accepted)) / total(name, ({ drafted }) => drafted),
          '%',
        ),
      ),
      ...(await freshRows(model, files.map(({ text }) => text).join('\n'), knee, withShare(options, 0.5))),
      ...(await greedyRows(model, tasks.slice(0, results.length), knee, options)),
    ];
    const chart = (
      title: string,
      unit: string,
      value: (name: Contender, kind: string) => number,
    ): BenchChart => ({
      title,
      kind: 'bar',
      unit,
      axis: '',
      labels: taskKinds,
      series: contenders.map((name) => ({ name, values: taskKinds.map((kind) => value(name, kind)) })),
    });
    return {
      suite: 'copy',
      machine: machine(),
      rows,
      charts: [
        chart('Tokens per forward pass', 'tokens', perPass),
        chart('Time per token', 'ms', (name, kind) => total(name, ({ ms }) => ms, kind) / tokens(kind)),
      ],
      notes: [
        ...notes,
        ...(decoder.independentRows ? [] : [noDrafts(decoder)]),
        `Drafts of at most ${knee} tokens, the verification knee that was measured on this machine at the start, as the product does.`,
        `${results.length} edits of real source, ${tokens()} tokens written. The text is given: a small model's own choice would be another. Drafts and forward passes are the real ones.`,
        'Text that does not repeat: tokens of source in random order; misleading: phrases of 4 tokens come again and again and go on differently each time.',
        'Greedy completions: what the model itself writes at these places, the same with all rules.',
      ],
    };
  } finally {
    await decoder.release();
  }
};

const noDrafts = ({ device, precision }: Decoder) =>
  `The product drafts nothing on ${device} at ${precision}: a row there depends on the rows that are computed with it, so a draft may change a token. These rows are what drafts would give and change.`;

/** One task of each kind, then another of each: however many there is time for, they are of all kinds. */
function kindsInTurns(tasks: readonly CopyTask[]): CopyTask[] {
  const ofKind = taskKinds.map((kind) => tasks.filter((task) => task.kind === kind));
  return Array.from({ length: tasksPerKind }, (_, turn) => ofKind.flatMap((each) => each[turn] ?? [])).flat();
}

const turned = <T>(items: readonly T[], by: number): T[] => [
  ...items.slice(by % items.length),
  ...items.slice(0, by % items.length),
];

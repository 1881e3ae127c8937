import type { Completion, CompletionRequest } from '../../../engine/completion';
import { copyRules } from '../../../engine/completion';
import { generate } from '../../../engine/decode/generate';
import { buildPrompt } from '../../../engine/prompt';
import type { LoadedModel } from '../../../engine/runtime/load';
import { sleep } from '../measure';
import { type BenchRow, row } from '../report';
import { type BenchOptions, isOver } from '../suite';
import { type Contender, contenders, drafterOf, indexed } from './drafters';
import type { CopyTask } from './tasks';

const maxTokens = 64;

/**
 * What the product itself completes at these places, with each rule and without drafts.
 * @throws Error if the tokens differ where drafts must not change them
 */
export async function greedyRows(
  model: LoadedModel,
  tasks: readonly CopyTask[],
  knee: number,
  options: BenchOptions,
): Promise<BenchRow[]> {
  const { independentRows } = model.decoder;
  let changed = 0;
  const answers: Record<Contender, Completion[]> = { longest: [], copyspec: [], none: [] };
  for (const [i, task] of tasks.entries()) {
    if (i > 0 && isOver(options)) break;
    options.progress(`greedy completion ${i + 1} of ${tasks.length}`);
    for (const name of contenders) {
      await sleep(15);
      answers[name].push(await complete(model, task, name, knee));
    }
    const texts = new Set(
      contenders.map((name) => JSON.stringify(answers[name][i]?.tokens.map(({ text }) => text))),
    );
    if (texts.size > 1) changed++;
    if (changed > 0 && independentRows)
      throw new Error(`Drafts have changed the completion of edit ${i + 1}: ${[...texts].join(' / ')}`);
  }
  const sum = (name: Contender, of: (completion: Completion) => number) =>
    answers[name].reduce((total, completion) => total + of(completion), 0);
  const tokens = sum('none', (completion) => completion.tokens.length);
  // The pass that encodes the prompt's end gives a token as well.
  const perPass = (name: Contender) => tokens / sum(name, ({ forwards }) => forwards);
  const perToken = (name: Contender) => sum(name, ({ timings }) => timings.decodeMs) / tokens;
  return [
    ...contenders.map((name) =>
      row(`greedy completions: tokens per forward pass, ${name}`, perPass(name), 'tokens'),
    ),
    ...copyRules.map((name) =>
      row(`greedy completions: decode time per token, ${name} against none`, perToken(name), 'ms', {
        baseline: perToken('none'),
      }),
    ),
    row('greedy completions that a rule changed', changed, `of ${answers.none.length}`, {
      goal: independentRows ? 0 : undefined,
    }),
  ];
}

async function complete(
  model: LoadedModel,
  task: CopyTask,
  name: Contender,
  knee: number,
): Promise<Completion> {
  const { decoder, tokenizer, fim } = model;
  const request: CompletionRequest = {
    session: 'copy',
    prefix: task.before,
    suffix: '',
    context: [],
    mode: 'block',
    maxTokens,
    deadlineMs: Number.POSITIVE_INFINITY,
    lineDeadlineMs: Number.POSITIVE_INFINITY,
    without: name === 'none' ? ['copy'] : [],
    decoding: 'greedy',
  };
  const prompt = buildPrompt({ tokenizer, fim, bos: decoder.config.bosTokenId }, request, 1024);
  const deleted = task.deleted === undefined ? [] : [task.deleted];
  const drafter = drafterOf(name, await indexed(deleted, tokenizer.encode), knee);
  const cache = decoder.newCache();
  const started = performance.now();
  try {
    return await generate(model, { prompt, cache, drafter }, request, () => false, {
      elapsed: () => performance.now() - started,
    });
  } finally {
    cache.storage.dispose();
  }
}

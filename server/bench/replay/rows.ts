import type { Completion } from '../../../engine/completion';
import { shownPart } from '../../../engine/decode/uncertainty/confidence';
import { leastConfidence } from '../../completion/confidence';
import { defaultSettings } from '../../protocol';
import { quantile } from '../measure';
import { type BenchChart, type BenchRow, row } from '../report';
import { divergence, doublingBins, mean, share } from '../statistics';
import type { EditKind } from '../traces/generate';
import type { OurMode, Played } from './play';

const goals = { firstToken: 0.15, encoded: 5, differing: 1.5, llamaMidFile: 0.5, llamaAppending: 1 } as const;

const { eagerness } = defaultSettings;

const isAppending = ({ kind }: Played) => kind === 'typing';
const isMidFile = ({ kind }: Played) => kind !== 'typing' && kind !== 'jump';

const times = (played: readonly Played[], time: (request: Played) => number | undefined) =>
  played.flatMap((request) => time(request) ?? []);

/** Encoded tokens of a mode, in percent of the prompt. */
const encodedShare = (played: readonly Played[], mode: OurMode) =>
  mean(played.map(({ ours, promptTokens }) => (100 * ours[mode].completion.cache.encoded) / promptTokens));

const first =
  (mode: OurMode) =>
  ({ ours }: Played) =>
    ours[mode].firstMs;
const total =
  (mode: OurMode) =>
  ({ ours }: Played) =>
    ours[mode].totalMs;
const llamaTotal = ({ llama }: Played) => llama?.totalMs;

export function speedRows(played: readonly Played[]): BenchRow[] {
  const rows: BenchRow[] = [];
  for (const mode of ['pie', 'refreshed', 'splice'] as const) {
    const goal = mode === 'splice' ? undefined : goals.firstToken;
    rows.push(
      row(
        `edit to first new token, mean, ${label(mode)} against recompute`,
        mean(times(played, first(mode))),
        'ms',
        {
          baseline: mean(times(played, first('recompute'))),
          goal,
        },
      ),
    );
  }
  for (const share of [0.5, 0.95]) {
    rows.push(
      row(
        `edit to first new token, p${100 * share}, pie against recompute`,
        quantile(times(played, first('pie')), share),
        'ms',
        { baseline: quantile(times(played, first('recompute')), share) },
      ),
    );
  }
  return rows;
}

export function workRows(played: readonly Played[]): BenchRow[] {
  return [
    row('prompt, mean', mean(played.map(({ promptTokens }) => promptTokens)), 'tokens'),
    ...(['pie', 'refreshed', 'splice', 'recompute'] as const).map((mode) =>
      row(`tokens encoded per request, mean, ${label(mode)}`, encodedShare(played, mode), '% of the prompt', {
        goal: mode === 'pie' || mode === 'refreshed' ? goals.encoded : undefined,
      }),
    ),
  ];
}

/** How far a mode's answers are from those of a full computation. */
export function agreementRows(played: readonly Played[]): BenchRow[] {
  const differs = (mode: OurMode) => (request: Played) =>
    request.ours[mode].completion.text !== request.ours.recompute.completion.text;
  /** What the product leaves of a completion of which the model is not sure. */
  const shown = (completion: Completion) => shownPart(completion, leastConfidence[eagerness]);
  const showsOther = (mode: OurMode) => (request: Played) =>
    shown(request.ours[mode].completion) !== shown(request.ours.recompute.completion);
  const kl = (mode: OurMode) =>
    mean(played.map(({ ours }) => divergence(ours.recompute.logits, ours[mode].logits)));
  const modes = ['pie', 'refreshed', 'splice'] as const;
  return [
    ...modes.map((mode) =>
      row(
        `completions that differ from recompute's, ${label(mode)}`,
        100 * share(played, differs(mode)),
        '%',
        mode === 'splice' ? {} : { goal: goals.differing },
      ),
    ),
    ...modes.map((mode) =>
      row(
        `completions as shown while typing that differ, ${label(mode)}`,
        100 * share(played, showsOther(mode)),
        '%',
        {
          ...(mode === 'splice' ? {} : { goal: goals.differing }),
        },
      ),
    ),
    ...modes.map((mode) => row(`KL of the next token, mean, ${label(mode)}`, kl(mode), 'nats')),
  ];
}

export function llamaRows(played: readonly Played[]): BenchRow[] {
  const groups = [
    ['a mid-file edit', played.filter(isMidFile), goals.llamaMidFile],
    ['plain appending', played.filter(isAppending), goals.llamaAppending],
  ] as const;
  return groups.flatMap(([name, requests, goal]) =>
    [0.5, 0.95].map((share) => {
      const theirs = times(requests, llamaTotal);
      const compared = theirs.length === 0 ? {} : { baseline: quantile(theirs, share), goal };
      const title = `${name} to completion, p${100 * share}, pie${theirs.length === 0 ? '' : ' against llama.cpp'}`;
      return row(title, quantile(times(requests, total('pie')), share), 'ms', compared);
    }),
  );
}

/** Per kind of edit: the time and the encoded tokens. */
export function kindRows(played: readonly Played[]): BenchRow[] {
  const kinds = [...new Set(played.map(({ kind }) => kind))];
  return kinds.flatMap((kind) => {
    const requests = played.filter((request) => request.kind === kind);
    return [
      row(
        `${kind} (${requests.length}): edit to first new token, mean`,
        mean(times(requests, first('pie'))),
        'ms',
        {
          baseline: mean(times(requests, first('recompute'))),
        },
      ),
      row(`${kind}: tokens encoded, mean`, encodedShare(requests, 'pie'), '% of the prompt'),
    ];
  });
}

export function replayCharts(played: readonly Played[]): BenchChart[] {
  const kinds = [...new Set(played.map(({ kind }) => kind))];
  const byKind = (kind: EditKind) => played.filter((request) => request.kind === kind);
  const contenders: [string, (request: Played) => number | undefined][] = [
    ['pie', total('pie')],
    ['recompute', total('recompute')],
    ...(played.some(({ llama }) => llama !== undefined)
      ? [['llama.cpp', llamaTotal] as [string, typeof llamaTotal]]
      : []),
  ];
  const bins = doublingBins(
    contenders.map(([, time]) => times(played, time)),
    8,
  );
  return [
    {
      title: 'Edit to first new token, mean per kind of edit',
      kind: 'bar',
      unit: 'ms',
      axis: '',
      labels: kinds,
      series: (['pie', 'splice', 'recompute'] as const).map((mode) => ({
        name: mode,
        values: kinds.map((kind) => mean(times(byKind(kind), first(mode)))),
      })),
    },
    {
      title: 'Edit to completion: how many requests take how long',
      kind: 'bar',
      unit: '% of requests',
      axis: 'ms',
      labels: bins.labels,
      series: contenders.map(([name], i) => ({ name, values: bins.shares[i] ?? [] })),
    },
    {
      title: 'Tokens encoded per request',
      kind: 'bar',
      unit: '% of the prompt',
      axis: '',
      labels: kinds,
      series: (['pie', 'splice', 'recompute'] as const).map((mode) => ({
        name: mode,
        values: kinds.map((kind) => encodedShare(byKind(kind), mode)),
      })),
    },
  ];
}

const label = (mode: OurMode) => (mode === 'refreshed' ? 'pie with refresh in between' : mode);

/** A model of the hub that is known to suit: a base model, trained to fill in the middle, of a kind that the engine runs. */
export interface CuratedModel {
  /** What it can be called in place of the repository. */
  readonly name: string;
  readonly repository: string;
  /** Where it is not the main branch. */
  readonly revision?: string;
  /** Of the download, in MB. */
  readonly megabytes: number;
  /** In millions, every weight counted once. */
  readonly parameters: number;
  /** How it is asked to fill in the middle: a family of engine/model/fimFamilies.ts. */
  readonly fim: string;
  /** As the model card has it; asked of the hub again before a download. */
  readonly licence: string;
  /** What the licence means for those who may not read it. */
  readonly terms: string;
  /** Of the weights while the model runs on the processor, in MB; see `memory`. */
  readonly memory: { readonly int8: number; readonly int4: number };
}

/**
 * Weights in memory, from the numbers in config.json. At int8 a weight is a byte; at int4 it is half of one and an eighth
 * for its block's scale, but the table of the input tokens stays at int8. Where input and output share a table, the
 * engine has one for each, since their layouts differ. Checked on random weights in the shape of Qwen2.5-Coder-0.5B, of
 * which the int8 graph takes 641 MB.
 * @param layers millions of weights in the layers
 * @param table millions of weights in one of the two token tables
 */
const memory = (layers: number, table: number) => ({
  int8: Math.round(layers + 2 * table),
  int4: Math.round(table + 0.625 * (layers + table)),
});

const permissive = 'free to use, also at work';
const limited = 'also at work, with limits';

/**
 * Licences and sizes are those that the hub's pages show (Qwen2.5-Coder-3B's licence is not that of its siblings). Authors
 * change what they upload: the hub is asked for both again before each download.
 */
export const curatedModels: readonly CuratedModel[] = [
  {
    name: 'qwen2.5-coder-0.5b',
    repository: 'Qwen/Qwen2.5-Coder-0.5B',
    parameters: 494,
    megabytes: 988,
    fim: 'qwen2.5-coder',
    licence: 'apache-2.0',
    terms: permissive,
    memory: memory(358, 136),
  },
  {
    name: 'qwen2.5-coder-1.5b',
    repository: 'Qwen/Qwen2.5-Coder-1.5B',
    parameters: 1_544,
    megabytes: 3_090,
    fim: 'qwen2.5-coder',
    licence: 'apache-2.0',
    terms: permissive,
    memory: memory(1_310, 233),
  },
  {
    name: 'deepseek-coder-1.3b',
    repository: 'deepseek-ai/deepseek-coder-1.3b-base',
    // Its main branch has PyTorch's own format only; this is the hub's conversion of it, in the same repository.
    revision: 'refs/pr/3',
    parameters: 1_346,
    megabytes: 2_690,
    fim: 'deepseek-coder',
    licence: 'deepseek-license',
    terms: limited,
    memory: memory(1_214, 66),
  },
  {
    name: 'granite-code-3b',
    repository: 'ibm-granite/granite-3b-code-base-2k',
    parameters: 3_482,
    megabytes: 6_960,
    fim: 'granite',
    licence: 'apache-2.0',
    terms: permissive,
    memory: memory(3_356, 126),
  },
  {
    name: 'qwen2.5-coder-3b',
    repository: 'Qwen/Qwen2.5-Coder-3B',
    parameters: 3_086,
    megabytes: 6_170,
    fim: 'qwen2.5-coder',
    licence: 'qwen-research',
    terms: 'for research only, not at work',
    memory: memory(2_775, 311),
  },
  {
    name: 'starcoder2-3b',
    repository: 'bigcode/starcoder2-3b',
    parameters: 3_030,
    // As float32.
    megabytes: 12_100,
    fim: 'starcoder2',
    licence: 'bigcode-openrail-m',
    terms: limited,
    memory: memory(2_879, 151),
  },
];

/** What a curated name stands for; any other name is a repository, of which the main branch is meant. */
export function targetOf(name: string, revision?: string): { repository: string; revision: string } {
  const curated = curatedModel(name);
  return {
    repository: curated?.repository ?? name,
    revision: revision ?? curated?.revision ?? 'main',
  };
}

export function curatedModel(name: string): CuratedModel | undefined {
  const wanted = name.toLowerCase();
  return curatedModels.find((model) => [model.name, model.repository.toLowerCase()].includes(wanted));
}

import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { kvKinds } from '../../cache/hostStorage';
import type { ModelConfig } from '../../model/config';
import { type ExportedGraph, unsupported } from './files';
import { nameOf } from './names';

type TensorMetadata = Extract<InferenceSession.ValueMetadata, { isTensor: true }>;

/** What an input that is not a part of the cache is given. */
export type Role =
  | 'tokens'
  | 'mask'
  | 'positions'
  | 'hasPast'
  | 'keptLogits'
  | 'pastLength'
  | 'lastRow'
  | 'totalLength';

export interface Port {
  readonly name: string;
  readonly role: Role;
  readonly type: 'int64' | 'int32' | 'bool';
  /** Dimensions of what it is given: 0 for a bare number. */
  readonly rank: number;
}

/** What a graph takes and returns, found to be what a decoder needs. */
export interface Signature {
  readonly ports: readonly Port[];
  readonly cacheType: 'float32' | 'float16';
  /** Whether it is told the position of each token, instead of counting the rows. */
  readonly hasPositions: boolean;
}

/** Merged exports have both halves of a decoder in one graph, and a switch between them. */
const switchInput = 'use_cache_branch';
/** Newer exports leave out the logits that nobody wants, if they are told how many are wanted. */
const keptLogitsInputs = ['num_logits_to_keep', 'logits_to_keep'];
const lastRowInput = 'seqlens_k';

/**
 * Reads off a session's inputs and outputs how the graph is to be run.
 * @throws SlipstreamError model-unsupported, naming what cannot be served
 */
export function readSignature(
  { inputMetadata, outputMetadata }: Pick<InferenceSession, 'inputMetadata' | 'outputMetadata'>,
  { file, names }: ExportedGraph,
  config: ModelConfig,
  dir: string,
): Signature {
  const refuse = (why: string, remedy?: string) => unsupported(dir, `${file} ${why}`, remedy);
  const tensors = (all: readonly InferenceSession.ValueMetadata[]) =>
    new Map(all.flatMap((port) => (port.isTensor ? [[port.name, port] as const] : [])));
  const [inputs, outputs] = [tensors(inputMetadata), tensors(outputMetadata)];
  const named = (all: ReadonlyMap<string, TensorMetadata>, name: string, what: string): TensorMetadata => {
    const port = all.get(name);
    if (port !== undefined) return port;
    throw refuse(`has no ${what} called ${name}; it has ${[...all.keys()].slice(0, 6).join(', ')}`);
  };

  named(inputs, names.tokens, 'input for the tokens');
  const logits = named(outputs, names.logits, 'output');
  if (!isFloat(logits.type)) throw refuse(`returns ${names.logits} as ${logits.type} instead of numbers`);
  checkSize(logits, 2, config.vocabSize, 'vocab_size');

  const cached = new Set<string>();
  const types = new Set<Tensor.Type>();
  for (let layer = 0; layer < config.layers; layer++) {
    for (const kind of kvKinds) {
      const past = inputs.get(nameOf(names.past[kind], layer));
      if (past === undefined)
        throw refuse(
          `does not take the ${kind}s of earlier tokens of layer ${layer} (${nameOf(names.past[kind], layer)})`,
          'take an export with past key values and as many layers as config.json says',
        );
      if (past.shape.length !== 4)
        throw refuse(
          `takes ${past.name} in the shape [${past.shape}] instead of [1, heads, rows, head size]`,
        );
      checkSize(past, 1, config.kvHeads, 'num_key_value_heads');
      checkSize(past, 3, config.headDim, 'head_dim');
      types.add(past.type);
      types.add(named(outputs, nameOf(names.present[kind], layer), 'output').type);
      cached.add(past.name);
    }
  }
  const [cacheType, ...otherTypes] = types;
  if (cacheType === undefined || otherTypes.length > 0 || !isFloat(cacheType))
    throw refuse(`caches ${[...types].join(' and ')}, and Slipstream keeps float32 or float16`);
  if (inputs.has(nameOf(names.past.key, config.layers)))
    throw refuse(
      `has more layers than the ${config.layers} of config.json`,
      'take both files from the same model',
    );

  const roles = new Map<string, Role>([
    [names.tokens, 'tokens'],
    [names.mask, 'mask'],
    [names.positions, 'positions'],
    [names.pastLength, 'pastLength'],
    [names.totalLength, 'totalLength'],
    [lastRowInput, 'lastRow'],
    [switchInput, 'hasPast'],
    ...keptLogitsInputs.map((name) => [name, 'keptLogits'] as const),
  ]);
  const ports = [...inputs.values()].filter(({ name }) => !cached.has(name)).map(portOf);
  return {
    ports,
    cacheType,
    hasPositions: inputs.has(names.positions),
  };

  function portOf({ name, type, shape }: TensorMetadata): Port {
    const role = roles.get(name);
    if (role === undefined) throw refuse(`asks for ${name}, which Slipstream does not know`);
    const fitting: readonly string[] = role === 'hasPast' ? ['bool'] : ['int64', 'int32'];
    if (!fitting.includes(type)) throw refuse(`takes ${name} as ${type} instead of ${fitting.join(' or ')}`);
    const isRow = role === 'tokens' || role === 'mask' || role === 'positions';
    if (isRow && (shape.length !== 2 || Number(shape[0] ?? 1) > 1 || typeof shape[1] === 'number'))
      throw refuse(`takes ${name} in the fixed shape [${shape}] instead of [1, any length]`);
    return { name, role, type: type as Port['type'], rank: shape.length };
  }

  function checkSize({ name, shape }: TensorMetadata, axis: number, size: number, field: string): void {
    const found = shape[axis];
    if (typeof found === 'number' && found >= 0 && found !== size)
      throw refuse(
        `has ${name} in the shape [${shape}], and config.json says ${field} = ${size}`,
        'take both files from the same model',
      );
  }
}

const isFloat = (type: Tensor.Type): type is 'float32' | 'float16' =>
  type === 'float32' || type === 'float16';

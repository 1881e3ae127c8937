import { SlipstreamError } from '../errors';
import { type FieldReader, fieldReader } from './configFields';

export type RopeScaling =
  | { readonly type: 'default' }
  /** Frequencies that change with the length of the text beyond the original context, which is not used. */
  | { readonly type: 'dynamic' }
  /** Positions divided by `factor`. */
  | { readonly type: 'linear'; readonly factor: number }
  /** Llama 3.1: low frequencies divided by `factor`, high ones kept, those between interpolated. */
  | {
      readonly type: 'llama3';
      readonly factor: number;
      readonly lowFreqFactor: number;
      readonly highFreqFactor: number;
      readonly originalMaxPositions: number;
    };

/** Rotary position embedding. */
export interface RopeConfig {
  readonly base: number;
  /** How many of a head's dimensions are rotated: even, at most the head size. */
  readonly dim: number;
  /** Which dimensions turn together: i and i + dim/2, or 2i and 2i + 1. */
  readonly layout: 'half-split' | 'interleaved';
  readonly scaling: RopeScaling;
}

const maxPositions = 1 << 27;
const supported = 'the scalings default, dynamic, linear and llama3';

/** Reads both spellings: `rope_theta` with `rope_scaling`, and transformers 5's `rope_parameters`. */
export function readRope(dir: string, fields: FieldReader, headDim: number): RopeConfig {
  const scaling = fields.object('rope_parameters') ?? fields.object('rope_scaling');
  const rope = scaling ?? fieldReader('config.json', {});
  const ownBase = rope.raw.rope_theta !== undefined;
  const base = (ownBase ? rope : fields).number('rope_theta', { above: 1, max: 1e12, fallback: 10_000 });
  const ownShare = rope.raw.partial_rotary_factor !== undefined;
  const share = (ownShare ? rope : fields).number('partial_rotary_factor', { above: 0, max: 1, fallback: 1 });
  const dim = Math.floor(headDim * share);
  if (dim < 2 || dim % 2 !== 0) {
    throw fields.invalid('head_dim', `a head size whose rotated part (here ${dim}) is even and at least 2`);
  }
  const layout = fields.boolean('rope_interleave', false) ? 'interleaved' : 'half-split';
  return { base, dim, layout, scaling: readScaling(dir, rope) };
}

function readScaling(dir: string, rope: FieldReader): RopeScaling {
  const type = rope.string('rope_type') ?? rope.string('type') ?? 'default';
  switch (type) {
    case 'default':
    case 'dynamic':
      return { type };
    case 'linear':
      return { type, factor: readFactor(rope) };
    case 'llama3': {
      const lowFreqFactor = rope.number('low_freq_factor', { above: 0, max: 1e6 });
      return {
        type,
        factor: readFactor(rope),
        lowFreqFactor,
        highFreqFactor: rope.number('high_freq_factor', { above: lowFreqFactor, max: 1e6 }),
        originalMaxPositions: rope.integer('original_max_position_embeddings', { max: maxPositions }),
      };
    }
    default:
      throw new SlipstreamError(
        'model-unsupported',
        `Cannot load the model in ${dir} because it uses RoPE scaling "${type}", and Slipstream runs ${supported}; choose another model or remove rope_scaling to use it within its original context.`,
      );
  }
}

function readFactor(rope: FieldReader): number {
  const factor = rope.number('factor', { above: 0, max: 1e6 });
  if (factor < 1) throw rope.invalid('factor', 'a number of at least 1');
  return factor;
}

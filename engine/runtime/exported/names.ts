import { basename, dirname } from 'node:path';
import { SlipstreamError } from '../../errors';
import { fieldReader } from '../../model/configFields';
import { corrupt, readJson } from '../../model/files';

/** What the inputs and outputs of a decoder's graph are called; `%d` stands for the layer. */
export interface GraphNames {
  readonly tokens: string;
  readonly mask: string;
  readonly positions: string;
  readonly pastLength: string;
  readonly totalLength: string;
  readonly past: KeyAndValue;
  readonly present: KeyAndValue;
  readonly logits: string;
}

export interface KeyAndValue {
  readonly key: string;
  readonly value: string;
}

/** Hugging Face optimum's names, which transformers.js and onnxruntime-genai have taken over. */
export const optimumNames: GraphNames = {
  tokens: 'input_ids',
  mask: 'attention_mask',
  positions: 'position_ids',
  pastLength: 'past_sequence_length',
  totalLength: 'total_sequence_length',
  past: { key: 'past_key_values.%d.key', value: 'past_key_values.%d.value' },
  present: { key: 'present.%d.key', value: 'present.%d.value' },
  logits: 'logits',
};

/**
 * Reads what `genai_config.json` says of the decoder: its file, and where its names are others than usual.
 * @throws SlipstreamError model-missing, model-unreadable, model-corrupt, or model-unsupported for several graphs in a row
 */
export async function readGenai(
  path: string,
): Promise<{ file: string; names: GraphNames; contextLength: number | undefined }> {
  const model = fieldReader(path, await readJson(path)).object('model');
  const decoder = model?.object('decoder');
  if (model === undefined || decoder === undefined) throw corrupt(path, 'describes no model.decoder');
  if (decoder.raw.pipeline !== undefined)
    throw new SlipstreamError(
      'model-unsupported',
      `Cannot load the model in ${dirname(path)} because its ${basename(path)} runs several graphs in a row (pipeline), which Slipstream does not; take an export with a single decoder, such as the one for the CPU.`,
    );
  const file = decoder.string('filename') ?? 'model.onnx';
  // The description comes with the download: it must not lead out of the folder.
  if (file !== basename(file)) throw decoder.invalid('filename', 'the name of a file beside it');
  const [inputs, outputs] = [decoder.object('inputs'), decoder.object('outputs')];
  const usual = optimumNames;
  return {
    file,
    contextLength: model.optionalInteger('context_length', { min: 32, max: 1 << 27 }),
    names: {
      tokens: inputs?.string('input_ids') ?? usual.tokens,
      mask: inputs?.string('attention_mask') ?? usual.mask,
      positions: inputs?.string('position_ids') ?? usual.positions,
      pastLength: inputs?.string('past_sequence_length') ?? usual.pastLength,
      totalLength: inputs?.string('total_sequence_length') ?? usual.totalLength,
      past: {
        key: inputs?.string('past_key_names') ?? usual.past.key,
        value: inputs?.string('past_value_names') ?? usual.past.value,
      },
      present: {
        key: outputs?.string('present_key_names') ?? usual.present.key,
        value: outputs?.string('present_value_names') ?? usual.present.value,
      },
      logits: outputs?.string('logits') ?? usual.logits,
    },
  };
}

export const nameOf = (pattern: string, layer: number) => pattern.replace('%d', String(layer));

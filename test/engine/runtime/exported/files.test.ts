import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../../engine/model/config';
import type { Precision } from '../../../../engine/model/linear';
import { loadDecoder } from '../../../../engine/runtime/decoder';
import { findExportedGraph } from '../../../../engine/runtime/exported/files';
import { contrib, exportedModels, plain } from './models';

const { folder, load, write } = exportedModels();

/** A folder with files of a name, all empty. */
async function withFiles(name: string, files: readonly string[]): Promise<string> {
  const dir = folder(name);
  for (const file of ['config.json', ...files]) {
    await mkdir(dirname(join(dir, file)), { recursive: true });
    await writeFile(join(dir, file), '');
  }
  await copyFile(join(folder('tiny'), 'config.json'), join(dir, 'config.json'));
  return dir;
}

const find = async (dir: string, precision: Precision) =>
  findExportedGraph(dir, await readConfig(dir), precision);

describe('which of several graphs runs', () => {
  const all = ['', '_fp16', '_quantized', '_q4', '_q4f16'].map((type) => `onnx/model${type}.onnx`);
  test.each([
    ['fp32', all, 'onnx/model.onnx'],
    ['int8', all, 'onnx/model_quantized.onnx'],
    ['int4', all, 'onnx/model_q4.onnx'],
    ['int8', ['onnx/model.onnx', 'onnx/model_q4.onnx'], 'onnx/model_q4.onnx'],
    ['int4', ['onnx/model.onnx', 'onnx/model_int8.onnx'], 'onnx/model_int8.onnx'],
    ['int4', ['onnx/model.onnx', 'onnx/model_fp16.onnx'], 'onnx/model.onnx'],
    ['fp32', ['model_q4.onnx'], 'model_q4.onnx'],
    ['int8', ['onnx/model.onnx', 'model_quantized.onnx'], 'onnx/model.onnx'],
    ['fp32', ['onnx/decoder_model.onnx', 'onnx/decoder_model_merged.onnx'], 'onnx/decoder_model_merged.onnx'],
    ['fp32', ['qwen.onnx'], 'qwen.onnx'],
    ['fp32', ['model.safetensors', 'onnx/model.onnx'], undefined],
    ['fp32', ['model.safetensors.index.json', 'onnx/model.onnx'], undefined],
    ['fp32', ['tokenizer.json'], undefined],
  ] as const)('%s of %s', async (precision, files, expected) => {
    const dir = await withFiles(`${precision} ${files.join().replaceAll('/', ' ')}`, files);
    expect((await find(dir, precision))?.file).toBe(expected);
  });

  test('and the files of its weights belong to it', async () => {
    const files = ['model_q4.onnx', 'model_q4.onnx_data', 'model_q4.onnx_data_1', 'model.onnx_data'];
    const dir = await withFiles(
      'data',
      files.map((name) => `onnx/${name}`),
    );
    expect(await find(dir, 'int4')).toMatchObject({
      precision: 'int4',
      files: ['onnx/model_q4.onnx', 'onnx/model_q4.onnx_data', 'onnx/model_q4.onnx_data_1'],
    });
  });

  test.each([
    [['a.onnx', 'b.onnx'], /a\.onnx, b\.onnx.*leave only the decoder/],
    [['onnx/decoder_model.onnx', 'onnx/decoder_with_past_model.onnx'], /two graphs.*newer export/],
  ] as const)('none of %s', async (files, message) => {
    const dir = await withFiles(files.join().replaceAll('/', ' '), files);
    await expect(find(dir, 'fp32')).rejects.toMatchObject({ code: 'model-unsupported', message });
  });

  test.each([
    [{ filename: '../model.onnx' }, 'model-corrupt', /filename/],
    [{ filename: 'absent.onnx' }, 'model-missing', /no absent\.onnx/],
    [{ pipeline: [] }, 'model-unsupported', /several graphs in a row/],
  ] as const)('genai_config.json with %j', async (decoder, code, message) => {
    const dir = await withFiles(JSON.stringify(decoder).replaceAll(/\W/g, ''), ['model.onnx']);
    await writeFile(join(dir, 'genai_config.json'), JSON.stringify({ model: { decoder } }));
    await expect(find(dir, 'fp32')).rejects.toMatchObject({ code, message });
  });
});

describe('a graph that cannot run is refused in a sentence:', () => {
  test.each([
    [
      'an unknown input',
      { ...plain, extraInput: 'image_sizes' },
      'model-unsupported',
      /asks for image_sizes, which/,
    ],
    [
      'no past',
      { ...plain, flaw: 'noPast' },
      'model-unsupported',
      /does not take the keys of earlier tokens/,
    ],
    [
      'other names',
      { ...plain, cacheNames: { past: 'past_key_values.%d.$', present: 'new.%d.$' } },
      'model-unsupported',
      /has no output called present\.0\.key/,
    ],
  ] as const)('%s', async (name, options, code, message) => {
    await expect(load(await write(name, options))).rejects.toMatchObject({ code, message });
  });

  test.each([
    ['vocab_size', 300],
    ['num_hidden_layers', 1],
    ['num_hidden_layers', 3],
    ['num_key_value_heads', 1],
    ['head_dim', 32],
  ] as const)("config.json's %s is %d", async (field, value) => {
    const dir = await write(`${field} ${value}`, contrib);
    const config = {
      ...JSON.parse(await readFile(join(folder('tiny'), 'config.json'), 'utf8')),
      [field]: value,
    };
    await writeFile(join(dir, 'config.json'), JSON.stringify(config));
    await expect(load(dir)).rejects.toMatchObject({ code: 'model-unsupported', message: /config\.json/ });
  });

  test('its weights are not there', async () => {
    const dir = await write('incomplete', { ...plain, dataFile: 'model.onnx_data' });
    await rm(join(dir, 'onnx/model.onnx_data'));
    await expect(load(dir)).rejects.toMatchObject({
      code: 'model-unsupported',
      message: /onnxruntime refuses onnx\/model\.onnx.*download it again/s,
    });
  });

  test('the GPU is asked for', async () => {
    const modelDirectory = await write('gpu', plain);
    const options = { precision: 'fp32', threads: 1, cacheDirectory: folder('cache') } as const;
    await expect(loadDecoder({ ...options, modelDirectory, device: 'webgpu' })).rejects.toMatchObject({
      code: 'device-unavailable',
      message: /processor only/,
    });
  });
});

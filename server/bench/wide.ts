import { cp, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readConfig } from '../../engine/model/config';

/**
 * A folder with the same weights and a context of at least `positions` tokens; the model's own where it has as much.
 *
 * Of what a config.json can say, Llama 3's scaling reads best: low frequencies of RoPE slowed down, high ones kept. Perplexity
 * of the default model (512 positions of its own) on held-out source at positions 1,024 to 2,048: 8.3, against 15.7
 * with nothing changed, 69 with all frequencies divided by 4, and 10.3, 8.8, 8.5 and 9.0 with the base raised for all
 * (NTK-aware, base * s^(d / (d - 2)) with s = 2, 4, 8 and 16).
 */
export async function widened(model: string, positions: number, cacheDirectory: string): Promise<string> {
  const { maxPositions, rope } = await readConfig(model);
  if (maxPositions >= positions) return model;
  const folder = join(cacheDirectory, 'bench', `${basename(model)}-${positions}`);
  await cp(model, folder, { recursive: true, preserveTimestamps: true });
  const { rope_parameters: _, ...config } = JSON.parse(await readFile(join(model, 'config.json'), 'utf8'));
  const wide = {
    ...config,
    max_position_embeddings: positions,
    rope_theta: rope.base,
    rope_scaling: {
      rope_type: 'llama3',
      factor: positions / maxPositions,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: maxPositions,
    },
  };
  await writeFile(join(folder, 'config.json'), JSON.stringify(wide));
  return folder;
}

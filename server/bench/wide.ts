import { createHash } from 'node:crypto';
import {
  constants,
  copyFile,
  link,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type ModelConfig, readConfig } from '../../engine/model/config';
import { withScratch } from './scratch';

/**
 * A folder with the same weights and a context of at least `positions` tokens; the model's own where it has as much.
 *
 * Of what a config.json can say, Llama 3's scaling reads best: low frequencies of RoPE slowed down, high ones kept. Perplexity
 * of the default model (512 positions of its own) on held-out source at positions 1,024 to 2,048: 8.3, against 15.7
 * with nothing changed, 69 with all frequencies divided by 4, and 10.3, 8.8, 8.5 and 9.0 with the base raised for all
 * (NTK-aware, base * s^(d / (d - 2)) with s = 2, 4, 8 and 16).
 */
export async function widened(model: string, positions: number, cacheDirectory: string): Promise<string> {
  const config = await readConfig(model);
  if (config.maxPositions >= positions) return model;
  const place = createHash('sha256')
    .update(await realpath(model))
    .digest('hex');
  const folder = join(cacheDirectory, 'bench', `${basename(model)}-${positions}-${place.slice(0, 12)}`);
  const partial = `${folder}.partial-${process.pid}`;
  await withScratch(partial, async () => {
    await linkAll(model, partial);
    const text = await readFile(join(model, 'config.json'), 'utf8');
    // Written anew: the link leads to the model's own.
    await rm(join(partial, 'config.json'));
    await writeFile(join(partial, 'config.json'), wideConfig(text, config, positions));
    const inPlace = rm(folder, { recursive: true, force: true }).then(() => rename(partial, folder));
    // Another benchmark may just have made the same, and use it.
    await inPlace.catch(() => readConfig(folder));
  });
  return folder;
}

function wideConfig(text: string, { maxPositions, rope }: ModelConfig, positions: number): string {
  const { rope_parameters: _, ...config } = JSON.parse(text);
  return JSON.stringify({
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
  });
}

/** Weights are not copied where the file system can link them. */
async function linkAll(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) {
    // Hubs' own caches hold links to the files.
    const source = await realpath(join(from, name));
    const target = join(to, name);
    if ((await stat(source)).isDirectory()) await linkAll(source, target);
    else await link(source, target).catch(() => copyFile(source, target, constants.COPYFILE_FICLONE));
  }
}

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SlipstreamError } from '../../engine/index';
import type { Peer } from './peer';
import type { BenchOptions } from './suite';

/**
 * The model's weights as Q8_0, made on first use and again when the folder has changed.
 * @throws SlipstreamError request-invalid for an exported graph, which no converter reads
 */
export function makeGguf(
  peer: Peer,
  directory: string,
  { cacheDirectory, progress }: Pick<BenchOptions, 'cacheDirectory' | 'progress'>,
  label: string,
): string {
  const weights = readdirSync(directory).filter((file) => file.endsWith('.safetensors'));
  if (weights.length === 0)
    throw new SlipstreamError(
      'request-invalid',
      `Cannot compare ${label} with llama.cpp because ${directory} has no .safetensors files to convert; choose a model that has them.`,
    );
  const changed = Math.max(...weights.map((file) => statSync(join(directory, file)).mtimeMs));
  const config = createHash('sha256')
    .update(readFileSync(join(directory, 'config.json')))
    .digest('hex')
    .slice(0, 8);
  const folder = join(cacheDirectory, 'bench');
  mkdirSync(folder, { recursive: true });
  const name = label.replaceAll(/\W+/g, '-');
  const path = join(folder, `${name}-${changed}-${config}.q8_0.gguf`);
  if (existsSync(path)) return path;
  const isOld = (file: string) => file.startsWith(`${name}-`) && file.endsWith('.gguf');
  for (const old of readdirSync(folder).filter(isOld)) rmSync(join(folder, old));
  progress(`${label}: converting to GGUF`);
  peer.convertToGguf(directory, path, 'Q8_0');
  return path;
}

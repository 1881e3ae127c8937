import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type * as peers from '../../test/peers/index';
import { withScratch } from './scratch';

export interface Peer {
  readonly convertToGguf: typeof peers.convertToGguf;
  loadLlama(options: peers.LlamaOptions): Promise<peers.LlamaModel>;
}

export const peerMissing =
  'llama.cpp is not installed, so nothing is compared with it: run `node test/peers/install.mjs` in a checkout of the repository.';

/**
 * llama.cpp, where this is a checkout that has it. The comparison lives in test/peers and never goes into the
 * product: it is bundled and loaded at run time, by a bundler that is there whenever the tests are.
 */
export async function loadPeer(root: string, cacheDirectory: string): Promise<Peer | undefined> {
  const peersDirectory = join(root, 'test', 'peers');
  if (!existsSync(join(peersDirectory, 'node_modules', 'node-llama-cpp'))) return undefined;
  // Another process may do the same at this moment.
  const bundle = join(cacheDirectory, 'bench', `peers-${process.pid}.cjs`);
  const bundler = 'esbuild';
  const { build } = (await import(bundler)) as typeof import('esbuild');
  return withScratch(bundle, async () => {
    await build({
      entryPoints: [join(peersDirectory, 'index.ts')],
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      logLevel: 'error',
    });
    const { convertToGguf, loadLlama } = (await import(bundle)) as typeof peers;
    return { convertToGguf, loadLlama: (options: peers.LlamaOptions) => loadLlama(peersDirectory, options) };
  });
}

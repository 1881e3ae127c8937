import os from 'node:os';
import path from 'node:path';
import envPaths from 'env-paths';

const places = envPaths('slipstream', { suffix: '' });

/** The model that Slipstream ships: `models/default` beside `dist/`, where every bundle lies. */
export function defaultModelDirectory(): string {
  return path.resolve(__dirname, '..', 'models', 'default');
}

/** The bundled analysis worker; TypeScript's own declarations are beside it. */
export function analysisWorkerPath(): string {
  return path.join(__dirname, 'analysisWorker.js');
}

/** A file of the syntax grammars, which the build puts beside the bundles. */
export function grammarPath(file: string): string {
  return path.join(__dirname, 'grammars', file);
}

export function engineWorkerPath(): string {
  return path.join(__dirname, 'engineWorker.js');
}

/** Where quantised graphs are kept between runs; `SLIPSTREAM_CACHE_DIR` moves it. */
export function cacheDirectory(): string {
  return process.env.SLIPSTREAM_CACHE_DIR || places.cache;
}

/** Where the list of added models is kept; `SLIPSTREAM_CONFIG_DIR` moves it. */
export function configDirectory(): string {
  return process.env.SLIPSTREAM_CONFIG_DIR || places.config;
}

/** Where downloaded models are kept; `SLIPSTREAM_DATA_DIR` moves it. */
export function modelsDirectory(): string {
  return path.join(process.env.SLIPSTREAM_DATA_DIR || places.data, 'models');
}

/**
 * Where the processes of this user find each other, which lives as long as the machine runs; `SLIPSTREAM_RUNTIME_DIR` moves it.
 * The path of a Unix socket may have some 100 characters, so it is no folder of the cache.
 */
export function runtimeDirectory(): string {
  const { SLIPSTREAM_RUNTIME_DIR: own, XDG_RUNTIME_DIR: users } = process.env;
  if (own) return own;
  if (process.platform === 'win32') return path.join(places.cache, 'running');
  return users
    ? path.join(users, 'slipstream')
    : path.join(os.tmpdir(), `slipstream-${process.getuid?.() ?? 'user'}`);
}

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

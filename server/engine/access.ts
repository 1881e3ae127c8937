import type { Engine } from '../../engine/index';

/** What a request finds when it needs the engine. */
export type EngineAccess =
  | { readonly state: 'starting' }
  | { readonly state: 'ready'; readonly engine: Engine }
  | { readonly state: 'failed'; readonly message: string };

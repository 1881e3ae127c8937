/** The engine's whole public surface. */
export type * from './completion';
export { copyRules, reuseModes, techniques } from './completion';
export { type ErrorCode, SlipstreamError } from './errors';
export { type Engine, type EngineInfo, type EngineOptions, startEngine } from './runtime/engine';

/** The engine's whole public surface. */
export type * from './completion';
export { copyRules, decodingModes, reuseModes, techniques } from './completion';
export { isLegalText } from './decode/monitor/restriction';
export {
  type LearnedThreshold,
  learnThreshold,
  leastOfEach,
  type ScoredToken,
  shuffling,
} from './decode/uncertainty/threshold';
export { type ErrorCode, SlipstreamError } from './errors';
export { parseThresholds, type StoredThreshold, withThreshold } from './model/thresholds';
export type * from './monitor';
export { type Engine, type EngineInfo, type EngineOptions, startEngine } from './runtime/engine';

/** The engine's whole public surface. */
export type * from './completion';
export { copyRules, decodingModes, reuseModes, techniques } from './completion';
export { isLegalText } from './decode/monitor/restriction';
export { keystrokes } from './decode/uncertainty/confidence';
export {
  type LearnedThreshold,
  learnThreshold,
  leastOfEach,
  type ScoredToken,
  shuffling,
} from './decode/uncertainty/threshold';
export { type ErrorCode, SlipstreamError } from './errors';
export { readConfig } from './model/config';
export { parseThresholds, type StoredThreshold, withThreshold } from './model/thresholds';
export type * from './monitor';
export type { DeviceChoice } from './runtime/device/choice';
export { distrustDevice, tryDevice } from './runtime/device/choose';
export { type Engine, type EngineInfo, type EngineOptions, startEngine } from './runtime/engine';

import { homedir } from 'node:os';
import path from 'node:path';
import type { EngineOptions } from '../../engine/index';
import { thresholdsPath } from '../calibration/store';
import { cacheDirectory, defaultModelDirectory, engineWorkerPath } from '../paths';
import type { Settings } from '../protocol';
import { registeredModel } from './registry';

/** The part of the settings that the engine is started with; the rest belongs to each request. */
export function engineOptions(settings: Settings, workingDirectory: string): EngineOptions {
  return {
    modelDirectory: modelDirectory(settings.model, workingDirectory),
    device: settings.device,
    precision: settings.precision,
    threads: settings.threads,
    contextTokens: settings.contextTokens,
    cacheBytes: settings.cacheMegabytes * 2 ** 20,
    cacheDirectory: cacheDirectory(),
    thresholdsPath: thresholdsPath(),
    workerPath: engineWorkerPath(),
  };
}

/** A model is named by nothing (the shipped one), by the name it was added under, or by its folder. */
export function modelDirectory(model: string, workingDirectory: string): string {
  if (model === '' || model === 'default') return defaultModelDirectory();
  const home = model.replace(/^~(?=$|[/\\])/, () => homedir());
  if (!/[/\\]/.test(home)) {
    const registered = registeredModel(home);
    if (registered !== undefined) return registered;
  }
  return path.resolve(workingDirectory, home);
}

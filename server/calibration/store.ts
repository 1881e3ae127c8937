import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseThresholds, type StoredThreshold, withThreshold } from '../../engine/index';
import { configDirectory } from '../paths';
import { writeWhole } from '../wholeFile';

/** Where thresholds learned on this machine are kept, for all models together. */
export function thresholdsPath(): string {
  return path.join(configDirectory(), 'thresholds.json');
}

/**
 * Puts a threshold in place of the one for the same model, precision and prompt format. What cannot be read is replaced.
 * @throws Error if the file cannot be written; the old one is then as it was
 */
export function storeThreshold(entry: StoredThreshold): void {
  const file = thresholdsPath();
  mkdirSync(path.dirname(file), { recursive: true });
  writeWhole(file, `${JSON.stringify(withThreshold(storedThresholds(file), entry), null, 2)}\n`);
}

function storedThresholds(file: string): readonly StoredThreshold[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  const content = parseThresholds(text);
  return typeof content === 'string' ? [] : content.thresholds;
}

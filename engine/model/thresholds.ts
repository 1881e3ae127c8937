import { readFile } from 'node:fs/promises';

/** Raise it when entropies come to mean something else: older files are then ignored. */
export const thresholdsVersion = 1;
/** The file in a model's own folder. */
export const thresholdsFile = 'thresholds.json';

/** What a threshold holds for: entropies differ between models, and between precisions and prompt formats of one model. */
export interface ThresholdKey {
  /** Hash of the model's content: see fingerprint.ts. */
  readonly model: string;
  readonly precision: string;
  readonly fim: boolean;
}

export interface StoredThreshold extends ThresholdKey {
  /** In nats. */
  readonly threshold: number;
  /** Tokens that it was learned from. */
  readonly tokens: number;
  readonly accuracy: number;
  readonly shareUnsure: number;
}

export interface Thresholds {
  readonly version: number;
  readonly thresholds: readonly StoredThreshold[];
}

export interface FoundThreshold {
  readonly threshold: number;
  /** One sentence for each file that could not be used. */
  readonly notes: readonly string[];
}

/** AdaDec's ablation with a fixed threshold: for a model that none was learned for. */
export const fallbackThreshold = 1;

/**
 * The threshold for a model from the first file that has one.
 * @param paths those that do not exist are passed over
 */
export async function findThreshold(paths: readonly string[], key: ThresholdKey): Promise<FoundThreshold> {
  const notes: string[] = [];
  for (const path of paths) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const content = parseThresholds(text);
    if (typeof content === 'string') {
      notes.push(
        `The thresholds in ${path} are ignored, because ${content}; calibrate again to replace them.`,
      );
      continue;
    }
    const own = content.thresholds.find((entry) => isFor(entry, key));
    if (own) return { threshold: own.threshold, notes };
    notes.push(
      `The thresholds in ${path} are ignored, because none is for this model at ${key.precision}; calibrate to learn one.`,
    );
  }
  return { threshold: fallbackThreshold, notes };
}

/** @returns the content, or in half a sentence what is wrong with it */
export function parseThresholds(text: string): Thresholds | string {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return 'the file is not JSON';
  }
  const { version, thresholds } = (content ?? {}) as Partial<Thresholds>;
  if (version !== thresholdsVersion) return 'they are from another version of Slipstream';
  if (!Array.isArray(thresholds) || !thresholds.every(isStored)) return 'they are not complete';
  return { version, thresholds };
}

/** The list with one entry put in, in place of what there was for the same model. */
export function withThreshold(old: readonly StoredThreshold[], entry: StoredThreshold): Thresholds {
  return {
    version: thresholdsVersion,
    thresholds: [...old.filter((other) => !isFor(other, entry)), entry],
  };
}

const isFor = (a: ThresholdKey, b: ThresholdKey) =>
  a.model === b.model && a.precision === b.precision && a.fim === b.fim;

const isStored = (entry: unknown): entry is StoredThreshold => {
  const { model, precision, fim, threshold } = (entry ?? {}) as Partial<StoredThreshold>;
  return (
    typeof model === 'string' &&
    typeof precision === 'string' &&
    typeof fim === 'boolean' &&
    typeof threshold === 'number' &&
    threshold > 0
  );
};

import { pathToFileURL } from 'node:url';
import {
  type Engine,
  type LearnedThreshold,
  learnThreshold,
  leastOfEach,
  type ScoredToken,
  SlipstreamError,
  shuffling,
} from '../../engine/index';
import { randomIntegers } from '../cli/eval/random';
import { type LineSample, sampleLines } from '../cli/eval/samples';
import { isSecret } from '../documents/secrets';
import { storeThreshold, thresholdsPath } from './store';

export interface CalibrationOptions {
  /** Folders of source; the places are drawn from all of them. */
  readonly folders: readonly string[];
  /** Places that are looked at. */
  readonly places: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly progress: (done: number, of: number) => void;
  /** Told about what below the folders cannot be read. */
  readonly note: (message: string) => void;
  /** Whether the model may read a file (path); left out, what is secret by default is not read. */
  readonly isAllowed?: (file: string) => boolean;
}

export interface Calibration extends LearnedThreshold {
  /** The threshold until now. */
  readonly previous: number;
  readonly path: string;
}

/** So many lines behind a line's rest belong to what the model has to fill in, too: completions have several lines at times. */
const mostFurtherLines = 4;

/**
 * Learns from source on this machine at which entropy the model begins to be wrong, keeps it for this model, precision and
 * prompt format, and lets the engine use it.
 * @returns undefined if it was cancelled; nothing is changed then
 * @throws SlipstreamError `calibration-impossible` with what to do; nothing is changed then
 */
export async function calibrate(
  engine: Engine,
  options: CalibrationOptions,
): Promise<Calibration | undefined> {
  const { folders, places, seed, signal, progress, note, isAllowed = isNoSecret } = options;
  const each = Math.ceil(places / Math.max(1, folders.length));
  const samples = folders.flatMap((folder) => sampleLines(folder, each, seed, note, isAllowed));
  if (samples.length === 0) {
    throw impossible(`there is no source text in ${folders.join(', ')}; choose a folder with source files`);
  }
  const random = randomIntegers(seed);
  const tokens: ScoredToken[] = [];
  for (const [i, sample] of samples.entries()) {
    if (signal.aborted) return undefined;
    tokens.push(...(await engine.score(spanOf(sample, random(mostFurtherLines + 1)))));
    progress(i + 1, samples.length);
  }
  const learned = learnThreshold(tokens, shuffling(random));
  if (learned === undefined) {
    const right = tokens.filter(({ isBest }) => isBest).length;
    throw impossible(
      `its ${samples.length} places have ${right} tokens that the model foresees and ${tokens.length - right} that it does not, and some ${2 * leastOfEach} of each are needed; choose a folder with more source`,
    );
  }
  const { threshold, thresholdKey } = engine.info;
  storeThreshold({ ...thresholdKey, ...learned });
  engine.useThreshold(learned.threshold);
  return { ...learned, previous: threshold, path: thresholdsPath() };
}

const isNoSecret = (file: string): boolean => !isSecret(pathToFileURL(file).href);

/** A place whose text reaches some lines further. */
function spanOf({ before, rest, after }: LineSample, lines: number) {
  const behind = after.split('\n');
  return {
    prefix: before,
    text: [rest, ...behind.slice(1, 1 + lines)].join('\n'),
    suffix: `\n${behind.slice(1 + lines).join('\n')}`,
  };
}

const impossible = (why: string) =>
  new SlipstreamError(
    'calibration-impossible',
    `Cannot calibrate, because ${why}. The threshold stays as it was.`,
  );

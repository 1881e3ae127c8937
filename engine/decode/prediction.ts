import { type Distribution, distributionOf, type TokenMask, type WholeDistribution } from './distribution';

/**
 * What the model predicts behind one row. Where it was computed on a device only what is asked for comes from there, and a
 * row of logits is 152,000 numbers for some models.
 */
export interface Prediction {
  /** The tokens that exist: what its distributions are over. */
  readonly vocabulary: TokenMask;
  /** @param count how many of the most likely tokens it will at most be asked for */
  distribution(count: number): Promise<Distribution>;
  /** The probabilities of all tokens. */
  whole(): Promise<WholeDistribution>;
  /**
   * `[vocabulary]`, fp32.
   * @throws RangeError where they were on a device and a later pass of the decoder has written over them: what may be needed
   *   then has to be asked for before
   */
  logits(): Promise<Float32Array>;
}

/**
 * The prediction of a row whose logits are at hand or can be had.
 * @param summary a distribution with so many of the most likely tokens, where one is known without the logits
 */
export function predictionOf(
  vocabulary: TokenMask,
  logits: () => Promise<Float32Array>,
  summary: (count: number) => Distribution | undefined = () => undefined,
): Prediction {
  let row: Promise<Float32Array> | undefined;
  let whole: Promise<WholeDistribution> | undefined;
  const prediction: Prediction = {
    vocabulary,
    logits() {
      row ??= logits();
      return row;
    },
    whole() {
      whole ??= prediction.logits().then((all) => distributionOf(all, vocabulary));
      return whole;
    },
    async distribution(count) {
      return summary(count) ?? prediction.whole();
    },
  };
  return prediction;
}

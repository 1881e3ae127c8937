/** A token of a text as the model saw it coming. */
export interface ScoredToken {
  /** Entropy of the distribution that it comes from, in nats. */
  readonly entropy: number;
  /** Whether it was the most likely one. */
  readonly isBest: boolean;
}

export interface LearnedThreshold {
  /** Entropy in nats from which on the model is more likely wrong than not, as far as that can be told. */
  readonly threshold: number;
  /** Share of held-out tokens that the threshold judges rightly: sure and right, or unsure and wrong. */
  readonly accuracy: number;
  /** Share of all tokens at which the model is unsure by it. */
  readonly shareUnsure: number;
  readonly tokens: number;
}

/** Fewer right or wrong tokens than these say nothing. */
export const leastOfEach = 100;
const testShare = 0.2;
/** The best probability of one split varies by a tenth of a nat and more between splits; their mean does not. */
const splits = 10;

/** An order in which to take `count` things, at random. */
export type Permutation = (count: number) => readonly number[];

/**
 * The procedure of AdaDec (arXiv 2506.08980, src/learn_threshold): a logistic regression of "the model's first choice is
 * right" on the entropy, trained on four fifths of the tokens with the more frequent class thinned out, and the probability
 * in 0.01..0.99 at which it judges the others best; the threshold is the entropy that has this probability. The authors
 * split the tokens once; here it is the mean of several splits.
 * @returns undefined where there are too few tokens, or entropy says nothing about them
 */
export function learnThreshold(
  tokens: readonly ScoredToken[],
  permutation: Permutation,
  rounds = splits,
): LearnedThreshold | undefined {
  const found = Array.from({ length: rounds }, () => oneSplit(tokens, permutation)).flatMap(
    (split) => split ?? [],
  );
  if (found.length === 0) return undefined;
  const meanOf = (pick: (split: Split) => number) =>
    found.reduce((sum, split) => sum + pick(split), 0) / found.length;
  const threshold = meanOf((split) => split.threshold);
  const unsure = tokens.filter(({ entropy }) => entropy >= threshold).length;
  return {
    threshold,
    accuracy: meanOf((split) => split.accuracy),
    shareUnsure: unsure / tokens.length,
    tokens: tokens.length,
  };
}

interface Split {
  readonly threshold: number;
  readonly accuracy: number;
}

function oneSplit(tokens: readonly ScoredToken[], permutation: Permutation): Split | undefined {
  const shuffled = permutation(tokens.length).map((i) => tokens[i] as ScoredToken);
  const tested = Math.ceil(testShare * shuffled.length);
  const test = shuffled.slice(0, tested);
  const train = balance(shuffled.slice(tested));
  if (train.length < 2 * leastOfEach) return undefined;
  const { weight, bias } = logisticRegression(train);
  if (!(weight < 0)) return undefined;
  let best: Split | undefined;
  for (let percent = 1; percent <= 99; percent++) {
    const threshold = (Math.log(percent / (100 - percent)) - bias) / weight;
    const judged = test.filter(({ entropy, isBest }) => entropy <= threshold === isBest).length;
    const accuracy = judged / test.length;
    if (threshold > 0 && accuracy > (best?.accuracy ?? -1)) best = { threshold, accuracy };
  }
  return best;
}

/** As many tokens of one class as of the other; in the order of `tokens`, which is random. */
function balance(tokens: readonly ScoredToken[]): ScoredToken[] {
  const right = tokens.filter(({ isBest }) => isBest);
  const wrong = tokens.filter(({ isBest }) => !isBest);
  const each = Math.min(right.length, wrong.length);
  return [...right.slice(0, each), ...wrong.slice(0, each)];
}

/**
 * Newton's method on the log loss with scikit-learn's default penalty: half the squared weight, the bias being free.
 * P(right | entropy) = 1 / (1 + exp(-(weight * entropy + bias))).
 */
function logisticRegression(tokens: readonly ScoredToken[]): { weight: number; bias: number } {
  let weight = 0;
  let bias = 0;
  for (let round = 0; round < 50; round++) {
    let gradientWeight = weight;
    let gradientBias = 0;
    let curvatureWeight = 1;
    let curvatureBoth = 0;
    let curvatureBias = 1e-12;
    for (const { entropy, isBest } of tokens) {
      const p = 1 / (1 + Math.exp(-(weight * entropy + bias)));
      const error = p - Number(isBest);
      const spread = p * (1 - p);
      gradientWeight += error * entropy;
      gradientBias += error;
      curvatureWeight += spread * entropy * entropy;
      curvatureBoth += spread * entropy;
      curvatureBias += spread;
    }
    const determinant = curvatureWeight * curvatureBias - curvatureBoth * curvatureBoth;
    const stepWeight = (curvatureBias * gradientWeight - curvatureBoth * gradientBias) / determinant;
    const stepBias = (curvatureWeight * gradientBias - curvatureBoth * gradientWeight) / determinant;
    weight -= stepWeight;
    bias -= stepBias;
    if (Math.abs(stepWeight) + Math.abs(stepBias) < 1e-9) break;
  }
  return { weight, bias };
}

/**
 * Fisher and Yates.
 * @param random whole numbers in [0, below)
 */
export const shuffling =
  (random: (below: number) => number): Permutation =>
  (count) => {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = random(i + 1);
      [order[i], order[j]] = [order[j] as number, order[i] as number];
    }
    return order;
  };

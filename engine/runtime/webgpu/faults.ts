import type { Prediction } from '../../decode/prediction';
import { SlipstreamError } from '../../errors';
import type { Decoder } from '../decoder';

/**
 * A decoder whose passes, where the device refuses one, say that the device is lost: out of memory while a cache grows, a driver
 * that was reset, a GPU that is gone. What caches hold is lost with it.
 */
export function tellingFaults(decoder: Decoder): Decoder {
  return {
    ...decoder,
    forward: (...request) => decoder.forward(...request).catch(rethrow),
    predict: async (...request) => (await decoder.predict(...request).catch(rethrow)).map(telling),
  };
}

/** What is asked of a prediction later comes from the device as well. */
const telling = (prediction: Prediction): Prediction => ({
  vocabulary: prediction.vocabulary,
  distribution: (count) => prediction.distribution(count).catch(rethrow),
  whole: () => prediction.whole().catch(rethrow),
  logits: () => prediction.logits().catch(rethrow),
});

function rethrow(error: unknown): never {
  // What the engine itself does wrong is no fault of the device.
  if (error instanceof SlipstreamError || error instanceof TypeError || error instanceof RangeError)
    throw error;
  const what = error instanceof Error ? error.message : String(error);
  throw new SlipstreamError(
    'device-lost',
    `The GPU stopped in the middle of a completion (${shortened(what)}); the processor takes over.`,
    { cause: error },
  );
}

/** onnxruntime's errors begin with where in its source they were found. */
const shortened = (message: string) => message.trim().split('\n').at(-1)?.slice(-200) ?? message;

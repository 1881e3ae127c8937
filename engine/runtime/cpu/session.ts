import * as ort from 'onnxruntime-node';

/** @param threads 0 takes the machine's physical cores, as onnxruntime counts them */
export const createSession = (path: string, threads: number) =>
  ort.InferenceSession.create(path, {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    // Threads that wait for more work in a loop between passes took two thirds of the processor time of short bursts. Within a pass they
    // may, which makes it a fifth faster; behind it they sleep.
    extra: { session: { force_spinning_stop: '1' } },
  });

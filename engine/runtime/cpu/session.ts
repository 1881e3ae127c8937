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
  });

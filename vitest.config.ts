import { defineConfig } from 'vitest/config';

/**
 * The engine's tests that compute with a model run a second time on a GPU, or on Mesa's software Vulkan: see `scripts/test.mjs`.
 * Not those of what a GPU has none of (drafts: knee, lossless), nor those of what only reads the predictions that others test
 * there (confidence, and the ways of decoding that are for comparison), nor those of an engine's moments of idle time, which
 * a software device makes into minutes: `runtime/device` has an engine on a GPU.
 */
const computing = [
  'cache/refresh',
  'decode/{healing,step}',
  'decode/monitor/{goingBack,monitored}',
  'decode/uncertainty/lookahead',
  'numerics/{chunks,reference,tree}',
  'runtime/{completer,decoder,fetched,head}',
].map((name) => `test/engine/${name}.test.ts`);
/** What only a GPU can be asked. */
const onGpu = 'test/engine/**/webgpu*.test.ts';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/peers/**', onGpu],
          // On two cores there would be one worker only: with two the suite takes half the time.
          maxWorkers: '100%',
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'webgpu',
          include: [...computing, onGpu],
          env: { SLIPSTREAM_TEST_DEVICE: 'webgpu' },
          // Each keeps one core busy, and on two cores vitest would leave one idle.
          maxWorkers: '100%',
          // A software device compiles its shaders for seconds.
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'peers',
          include: ['test/peers/**/*.test.ts'],
          testTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'editor-bench',
          include: ['test/e2e/**/*.bench.ts'],
          testTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          // One editor at a time: two of them on a small machine only measure each other.
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // An editor in a browser that is driven from outside loses a key or a click now and then. The log says "retry".
          retry: 1,
          // Saving a file or drawing a menu takes seconds on a busy machine.
          expect: { poll: { timeout: 15_000 } },
        },
      },
    ],
  },
});

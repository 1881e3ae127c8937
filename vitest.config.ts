import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/peers/**'],
          testTimeout: 30_000,
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
          // Saving a file or drawing a menu takes seconds on a busy machine.
          expect: { poll: { timeout: 15_000 } },
        },
      },
    ],
  },
});

import { defineConfig } from 'vitest/config';

const conditions = ['source', 'module', 'node', 'development|production'];
const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['source', 'node'] } },
};

export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'host',
          setupFiles: ['test/setup/quiet.ts'],
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.native.test.ts', 'test/cli/**', 'test/study/**', 'test/long/**'],
          // A busy machine is no fault.
          testTimeout: 30_000,
        },
      },
      {
        // One process for all: TensorFlow takes seconds to load, and its threads fill the machine.
        ...shared,
        test: {
          name: 'native',
          setupFiles: ['test/setup/quiet.ts', 'test/setup/native.ts'],
          include: ['test/**/*.native.test.ts'],
          exclude: ['test/cli/**', 'test/long/**'],
          pool: 'forks',
          maxWorkers: 1,
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Programs as child processes, one after the other.
        ...shared,
        test: {
          name: 'cli',
          globalSetup: 'test/setup/build.ts',
          include: ['test/cli/**/*.test.ts', 'test/study/**/*.test.ts'],
          exclude: ['test/**/*.native.test.ts'],
          pool: 'forks',
          maxWorkers: 1,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        // Fuzzing, kills and soaks: minutes each, by `npm run test:long`. A process for each file: they measure its memory.
        ...shared,
        test: {
          name: 'long',
          globalSetup: 'test/setup/build.ts',
          include: ['test/long/**/*.test.ts'],
          pool: 'forks',
          maxWorkers: 1,
          testTimeout: 3_600_000,
          hookTimeout: 3_600_000,
        },
      },
    ],
  },
});

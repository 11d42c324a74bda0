import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const conditions = ['source', 'module', 'node', 'development|production'];
const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['source', 'node'] } },
};

/** Two files at a time. Projects with the same number take turns without a pause between them. */
const parallel = { pool: 'forks', maxWorkers: 2 } as const;
/** The files of a project share two processes, and in each of these all modules: loading them takes longer than most files. */
const sharing = { ...parallel, isolate: false } as const;

const REPLACING = /\bvi\.(do)?mock\(|^\/\/ Needs modules of its own/m;
/** Where modules are shared, none can be replaced by another, and what they keep stays: such files have a process each. */
const replacing = readdirSync(join(import.meta.dirname, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => `test/${file}`)
  .filter((file) => REPLACING.test(readFileSync(join(import.meta.dirname, file), 'utf8')));

const children = ['test/cli/**', 'test/study/**'];

// A busy machine is no fault: tests have far more time than they need.
export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          ...sharing,
          name: 'host',
          setupFiles: ['test/setup/quiet.ts'],
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.native.test.ts', 'test/long/**', ...children, ...replacing],
          testTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          ...parallel,
          name: 'alone',
          setupFiles: ['test/setup/quiet.ts'],
          include: replacing,
          exclude: ['test/**/*.native.test.ts', 'test/long/**', ...children],
          testTimeout: 60_000,
        },
      },
      {
        // TensorFlow takes seconds to load.
        ...shared,
        test: {
          ...sharing,
          name: 'native',
          setupFiles: ['test/setup/quiet.ts', 'test/setup/native.ts'],
          include: ['test/**/*.native.test.ts'],
          exclude: ['test/cli/**', 'test/long/**'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        // Programs as child processes.
        ...shared,
        test: {
          ...parallel,
          name: 'cli',
          globalSetup: 'test/setup/build.ts',
          include: ['test/cli/**/*.test.ts', 'test/study/**/*.test.ts'],
          exclude: ['test/**/*.native.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        // Fuzzing, kills and soaks: minutes each, by `npm run test:long`. A process for each file: they measure its memory.
        ...shared,
        test: {
          name: 'long',
          globalSetup: ['test/setup/build.ts', 'test/setup/kills.ts'],
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

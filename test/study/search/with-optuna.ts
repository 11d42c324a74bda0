import { describe } from 'vitest';
import type { SideCarPython } from '../../../src/runtime/index.ts';
import { findOptuna } from '../../../src/study/search/optuna/find.ts';

/** The Python that has Optuna; undefined where `banyan setup --search` was not run. */
export const python: SideCarPython | undefined = found();

function found(): SideCarPython | undefined {
  try {
    return findOptuna();
  } catch {
    return undefined;
  }
}

/** Describes what needs Optuna; where it is not installed, the name says how to install it. */
export const describeWithOptuna: typeof describe = ((name: string, tests: () => void) =>
  python === undefined
    ? describe.skip(`${name} (needs Optuna: npm run banyan -- setup --search)`, tests)
    : describe(name, tests)) as typeof describe;

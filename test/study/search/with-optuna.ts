import { describe, it } from 'vitest';
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

const needs = (name: string) => `${name} (needs Optuna: npm run banyan -- setup --search)`;

/** Describes what needs Optuna; where it is not installed, the name says how to install it. */
export const describeWithOptuna = (name: string, tests: () => void): void =>
  python === undefined ? void describe.skip(needs(name), tests) : void describe(name, tests);

/** Tests what needs Optuna, likewise. */
export const itWithOptuna = (name: string, test: () => Promise<void>): void =>
  python === undefined ? it.skip(needs(name), test) : it(name, test);

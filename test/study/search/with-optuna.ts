import { describe } from 'vitest';
import { findOptuna, type OptunaPython } from '../../../src/study/search/optuna/find.ts';

/** The Python that has Optuna; undefined where `banyan setup --search` was not run. */
export const python: OptunaPython | undefined = await findOptuna().catch(() => undefined);

/** Describes what needs Optuna; where it is not installed, the name says how to install it. */
export const describeWithOptuna: typeof describe = ((name: string, tests: () => void) =>
  python === undefined
    ? describe.skip(`${name} (needs Optuna: npm run banyan -- setup --search)`, tests)
    : describe(name, tests)) as typeof describe;

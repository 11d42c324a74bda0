import { BanyanError } from '../../../error.ts';
import { findSideCar, OPTUNA, type SideCarPython } from '../../../runtime/index.ts';

/**
 * Finds the Python that has Optuna: the one that `BANYAN_OPTUNA_PYTHON` names, else the side-car that `banyan setup --search` has installed.
 * @throws BanyanError `runtime` where there is none.
 */
export function findOptuna(): SideCarPython {
  const { BANYAN_OPTUNA_PYTHON: named } = process.env;
  // Isolated: neither the user's packages nor the working folder come into it.
  if (named) return { command: named, args: ['-I'], env: process.env };
  const found = findSideCar(OPTUNA);
  if (found !== undefined) return found;
  throw new BanyanError(
    'runtime',
    `A search needs ${OPTUNA.what}, which is not installed. Install it by \`banyan setup --${OPTUNA.name}\`, or name a Python that has it in BANYAN_OPTUNA_PYTHON.`,
  );
}

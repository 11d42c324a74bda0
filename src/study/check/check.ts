import type { Session } from '../run/session.ts';
import type { Finding } from './finding.ts';
import { checkOverfit } from './overfit.ts';
import { checkSteps } from './steps.ts';
import { checkStorage } from './storage.ts';

/** Tries everything that a training needs: some steps, saving and loading, learning ten examples by heart. */
export async function* checkSession(session: Session): AsyncGenerator<Finding> {
  yield* checkSteps(session);
  yield* checkStorage(session);
  yield* checkOverfit(session);
}

import type { Session } from '../run/session.ts';
import { checkOverfit } from './overfit.ts';
import { printFindings } from './print.ts';
import { checkSteps } from './steps.ts';
import { checkStorage } from './storage.ts';

/** `banyan train EXPERIMENT --check`: tries everything that a training needs; returns the exit code. */
export function checkCommand(session: Session, json: boolean): Promise<number> {
  const widest = Math.max('backward'.length, ...session.tasks.map(({ name }) => name.length));
  return printFindings([checkSteps(session), checkStorage(session), checkOverfit(session)], json, widest);
}

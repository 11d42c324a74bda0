import picocolors from 'picocolors';
import type { Session } from '../run/session.ts';
import type { Finding } from './finding.ts';
import { checkOverfit } from './overfit.ts';
import { checkSteps } from './steps.ts';
import { checkStorage } from './storage.ts';

function line({ ok, about, text }: Finding, widest: number): string {
  const mark = ok ? picocolors.green('ok  ') : picocolors.red('FAIL');
  return `${mark}  ${about.padEnd(widest)}  ${text}`;
}

/** `banyan train EXPERIMENT --check`: tries everything that a training needs; returns the exit code. */
export async function checkCommand(session: Session, json: boolean): Promise<number> {
  const widest = Math.max('backward'.length, ...session.tasks.map(({ name }) => name.length));
  let failures = 0;
  for (const check of [checkSteps, checkStorage, checkOverfit]) {
    for await (const finding of check(session)) {
      if (!finding.ok) failures++;
      process.stdout.write(`${json ? JSON.stringify(finding) : line(finding, widest)}\n`);
    }
  }
  if (failures > 0 && !json) {
    process.stdout.write(`\n${failures === 1 ? 'One thing is' : `${failures} things are`} wrong.\n`);
  }
  return failures === 0 ? 0 : 1;
}

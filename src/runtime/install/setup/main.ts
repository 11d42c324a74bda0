// What bootstrap.mjs runs before a job: the set-up, with its result told to the parent process. Exit code 3 means that
// nothing can be made on this machine, so that the JavaScript backend has to do the work.
import { BanyanError } from '../../../error.ts';
import { setup, whyImpossible } from './setup.ts';

try {
  const result = await setup();
  process.send?.(result);
} catch (error) {
  if (!(error instanceof BanyanError)) throw error;
  console.error(error.message);
  process.exitCode = error.message === (await whyImpossible()) ? 3 : 1;
}
process.disconnect?.();

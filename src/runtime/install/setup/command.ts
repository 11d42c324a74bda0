import { BanyanError } from '../../../error.ts';
import { setup } from './setup.ts';

/** `banyan setup`: makes TensorFlow ready; returns the exit code. */
export async function setupCommand(options: { gpu?: boolean } = {}): Promise<number> {
  try {
    const { folder, made, seconds } = await setup(options);
    const took = Object.values(seconds).reduce((sum, part) => sum + part, 0);
    console.log(
      made ? `TensorFlow was set up in ${folder} in ${took.toFixed(0)} s.` : `TensorFlow is ready in ${folder}.`,
    );
    return 0;
  } catch (error) {
    if (!(error instanceof BanyanError)) throw error;
    console.error(error.message);
    return 1;
  }
}

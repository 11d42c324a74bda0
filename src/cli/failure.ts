import picocolors from 'picocolors';
import { failureText as plainText } from '../study/process/failure.ts';

/** Says an error as the command prints it, with `error:` in red on a terminal. */
export const failureText = (
  failure: unknown,
  colors = picocolors.createColors(process.stderr.isTTY === true),
): string => plainText(failure, colors.red);

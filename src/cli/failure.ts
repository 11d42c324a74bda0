import picocolors from 'picocolors';

/** An error as the command prints it: what the framework says is for people; anything else is a fault, with its stack. */
export function failureText(error: unknown, colors = picocolors.createColors(process.stderr.isTTY === true)): string {
  const told = error instanceof Error && error.name === 'BanyanError';
  if (told) return `${colors.red('error:')} ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

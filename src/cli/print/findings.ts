import picocolors from 'picocolors';
import type { Finding } from '../../study/check/finding.ts';

function line({ ok, about, text }: Finding, widest: number): string {
  const mark = ok ? picocolors.green('ok  ') : picocolors.red('FAIL');
  return `${mark}  ${about.padEnd(widest)}  ${text}`;
}

/** Prints what was found, one a line, as it comes; returns the exit code. `widest` is the length of the longest `about`. */
export async function printFindings(
  all: readonly AsyncIterable<Finding>[],
  json: boolean,
  widest = 0,
): Promise<number> {
  let failures = 0;
  for (const findings of all) {
    for await (const finding of findings) {
      if (!finding.ok) failures++;
      process.stdout.write(`${json ? JSON.stringify(finding) : line(finding, widest)}\n`);
    }
  }
  if (failures > 0 && !json) {
    process.stdout.write(`\n${failures === 1 ? 'One thing is' : `${failures} things are`} wrong.\n`);
  }
  return failures === 0 ? 0 : 1;
}

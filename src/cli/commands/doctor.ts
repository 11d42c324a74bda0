import { type Command, Option } from 'commander';
import type { Diagnosis, Requirement } from '../../runtime/index.ts';

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('say what does the arithmetic on this machine, and why')
    .addOption(new Option('--require <what>', 'fail unless this is there').choices(['tensorflow', 'gpu']))
    .option('--json', 'as JSON')
    .action(async ({ json, require }: { json?: boolean; require?: Requirement }) => {
      const { doctor } = await import('../../runtime/index.ts');
      const diagnosis = await doctor({ require });
      process.stdout.write(`${json ? JSON.stringify(diagnosis) : describe(diagnosis)}\n`);
      process.exitCode = diagnosis.ok ? 0 : 1;
    });
}

function describe({ reasons, ...facts }: Diagnosis): string {
  const lines = Object.entries(facts).map(([name, value]) => `${name.padEnd(11)}${value ?? '-'}`);
  return [...lines, ...reasons.map((reason) => `- ${reason}`)].join('\n');
}

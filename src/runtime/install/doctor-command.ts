import type { Requirement } from '../runtime.ts';
import { type Diagnosis, doctor } from './doctor.ts';

/** `banyan doctor [--json] [--require tensorflow|gpu]`: says what does the arithmetic; returns the exit code. */
export async function doctorCommand(options: { json?: boolean; require?: string } = {}): Promise<number> {
  const { json, require } = options;
  if (require !== undefined && !isRequirement(require)) {
    console.error(`--require: expected tensorflow or gpu, received ${require}. Pass one of the two.`);
    return 2;
  }
  const diagnosis = await doctor({ require });
  console.log(json ? JSON.stringify(diagnosis) : describe(diagnosis));
  return diagnosis.ok ? 0 : 1;
}

const isRequirement = (word: string): word is Requirement => word === 'tensorflow' || word === 'gpu';

function describe({ reasons, ...facts }: Diagnosis): string {
  const lines = Object.entries(facts).map(([name, value]) => `${name.padEnd(11)}${value ?? '-'}`);
  return [...lines, ...reasons.map((reason) => `- ${reason}`)].join('\n');
}

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../repository.ts';
import { banyan } from './command.ts';

const folder = temporaryFolder();
const experiment = join(folder, 'two.yaml');
writeFileSync(
  experiment,
  `trunk: { kind: transformer, width: 16, depth: 1, heads: 2 }
tasks: { shapes: , notes: }
training: { steps: 5, batch: 8, evaluateEvery: 2, schedule: { kind: plateau, patience: 2 } }
`,
);

describe('banyan train --find-rate', () => {
  it('tells people a rate and draws it, and writes one page and nothing else', async () => {
    const out = join(folder, 'out');
    const { code, stdout, stderr } = await banyan(['train', experiment, '--find-rate', '40', '--out', out]);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^Proposed learning rate: \d\S*, the lesser of/m);
    expect(stdout).toContain('•');
    expect(stdout).toContain(`The curves of all tasks: ${join(out, 'find-rate.html')}`);
    expect(readdirSync(out)).toEqual(['find-rate.html']);
    expect(readFileSync(join(out, 'find-rate.html'), 'utf8').match(/<svg/g)!.length).toBe(3);
    expect(code).toBe(0);
  });

  it('tries the weights that are trained, also where a sampler follows evaluations', async () => {
    const file = join(folder, 'rules.yaml');
    const rules = 'sampler: validation, parameters: [{ match: none, frozen: true }]';
    writeFileSync(file, readFileSync(experiment, 'utf8').replace('steps: 5', `steps: 5, ${rules}`));
    const { code, stderr } = await banyan(['train', file, '--find-rate', '5', '--out', folder]);
    expect(stderr).toContain('"none" matches no weight that is trained');
    expect(code).not.toBe(0);
  });

  it('tells programs the curve', async () => {
    const { stdout } = await banyan(['train', experiment, '--find-rate', '20', '--json', '--out', folder]);
    const { kind, rates, losses, total } = JSON.parse(stdout);
    expect(kind).toBe('rates');
    expect(Object.keys(losses)).toEqual(['shapes', 'notes']);
    expect(rates[0]).toBe(1e-7);
    expect([rates.length, losses.notes.length]).toEqual([total.length, total.length]);
  });
});

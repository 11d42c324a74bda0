// Each row of docs/reliability.md names the test that injects its fault.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../repository.ts';

const page = readFileSync(join(root, 'docs/reliability.md'), 'utf8');
const AREAS = [
  'Checkpoints and files',
  "Training's life",
  'Many machines',
  'Input',
  'Processes and the page',
  'The campaign',
];

/** The rows of a section's table of faults, without its two lines of heading. */
function rowsOf(area: string): string[] {
  const [, section = ''] = page.split(new RegExp(`^## ${area}$`, 'm'));
  const [, table = ''] = /^\| input or fault[^\n]*\n\|[- |]+\n((?:\|.*\n)*)/m.exec(section.split(/^## /m)[0]!) ?? [];
  return table.split('\n').filter((line) => line !== '');
}

describe('docs/reliability.md', () => {
  it('has a section for each area', () => {
    expect([...page.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual(AREAS);
  });

  it.each(AREAS)('%s: each row names tests that are there', (area) => {
    for (const row of rowsOf(area)) {
      const cells = row.split(/(?<!\\)\|/).slice(1, -1);
      expect(cells.length, row).toBe(3);
      const tests = [...cells[2]!.matchAll(/`([^`]+)`/g)].map(([, path]) => path!);
      expect(tests.length, row).toBeGreaterThan(0);
      for (const path of tests) {
        expect(path).toMatch(/^test\/.*\.test\.ts$/);
        expect(existsSync(join(root, path)), path).toBe(true);
      }
    }
  });
});

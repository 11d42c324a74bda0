// The long tests end with the sum of what they have killed. Each file is a process of its own, so what these count goes through a file.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The file that campaigns write their kills into, a line each: how many, and how many runs were lost. */
    kills: string;
  }
}

export default function countKills(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-kills-'));
  const file = join(folder, 'kills');
  writeFileSync(file, '');
  project.provide('kills', file);
  return () => {
    const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
    const sum = (place: 0 | 1) => lines.reduce((total, line) => total + Number(line.split(' ')[place]), 0);
    if (lines.length > 0) console.log(`${sum(0)} kills, ${sum(1)} lost`);
    rmSync(folder, { recursive: true });
  };
}

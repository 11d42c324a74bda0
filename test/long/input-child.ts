// One of the fuzz tests, in a process of its own: says what came of it, and what memory it held at most.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fuzz } from '../fuzz/input.ts';

const [, , name, runs] = process.argv;
const place = mkdtempSync(join(tmpdir(), 'banyan-fuzz-'));
try {
  const outcome = await fuzz(name!, Number(runs), place);
  process.stdout.write(JSON.stringify({ ...outcome, memory: process.resourceUsage().maxRSS / 1024 }));
} finally {
  rmSync(place, { recursive: true, force: true });
}

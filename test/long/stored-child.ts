// One of the fuzz tests, in a process of its own: says what memory it held at most.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRuntime } from '../../src/runtime/index.ts';
import { fuzzManifest, fuzzSafetensors } from '../checkpoint/fuzz.ts';
import { fuzzNetwork } from '../network/fuzz.ts';

const [, , what, count] = process.argv;
const runs = Number(count);
const place = mkdtempSync(join(tmpdir(), 'banyan-fuzz-'));
try {
  if (what === 'safetensors') fuzzSafetensors(runs);
  if (what === 'manifest') await fuzzManifest(runs, place);
  if (what === 'network') {
    await startRuntime();
    await fuzzNetwork(runs, place);
  }
} finally {
  rmSync(place, { recursive: true, force: true });
}
process.stdout.write(`${process.resourceUsage().maxRSS / 1024}\n`);

// One of the fuzz tests, in a process of its own: says what memory it held at most, TensorFlow itself aside.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRuntime } from '../../src/runtime/index.ts';
import { fuzzManifest, fuzzSafetensors } from '../checkpoint/fuzz.ts';
import { fuzzNetwork } from '../network/storage/fuzz.ts';

const [, , what, count] = process.argv;
const runs = Number(count);
let before = 0;
const place = mkdtempSync(join(tmpdir(), 'banyan-fuzz-'));
try {
  if (what === 'safetensors') fuzzSafetensors(runs);
  if (what === 'manifest') await fuzzManifest(runs, place);
  if (what === 'network') {
    await startRuntime();
    before = process.memoryUsage.rss() / 2 ** 20;
    await fuzzNetwork(runs, place);
  }
} finally {
  rmSync(place, { recursive: true, force: true });
}
process.stdout.write(`${process.resourceUsage().maxRSS / 1024 - before}\n`);

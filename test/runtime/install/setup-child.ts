// A set-up in a process of its own, which a fault can end at any point. FAULT names the faults of our own code; those
// of the tools lie in the scripts that stand in for them (workbench.ts).
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { BanyanError } from '../../../src/error.ts';
import type { Progress } from '../../../src/runtime/install/setup/progress.ts';
import { setup } from '../../../src/runtime/install/setup/setup.ts';

const fault = process.env.FAULT ?? '';
const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('unreachable');
};
const full = (): never => {
  throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
};

function before(name: 'renameSync' | 'fsyncSync' | 'writeFileSync' | 'rmSync', act: (path: string) => void): void {
  const real = fs[name] as (...args: unknown[]) => unknown;
  Object.assign(fs, {
    [name]: (...args: unknown[]) => {
      act(String(args[0]));
      return real(...args);
    },
  });
  syncBuiltinESMExports();
}

if (fault === 'publish:kill') before('renameSync', (path) => path.endsWith('result') && die());
if (fault === 'publish:kill-syncing') before('fsyncSync', die);
if (fault === 'publish:full') before('fsyncSync', full);
if (fault === 'manifest:full')
  before('writeFileSync', (path) => {
    if (path.endsWith('manifest.json')) full();
  });
if (fault === 'published:kill') before('rmSync', (path) => fs.existsSync(`${path}/tmp`) && die());

let label = '';
const progress: Progress = {
  begin(name) {
    label = name;
    if (fault === 'verification:kill' && name.startsWith('Checking')) die();
  },
  advance() {},
  end() {
    if (fault === 'checksum:kill' && label.startsWith('Downloading')) die();
  },
  say: (line) => console.error(line),
};

try {
  const result = await setup({ gpu: false, recipe: JSON.parse(process.env.RECIPE!), progress });
  console.log(JSON.stringify(result));
} catch (error) {
  if (!(error instanceof BanyanError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

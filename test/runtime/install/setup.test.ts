import { copyFileSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readManifest } from '../../../src/runtime/install/setup/manifest.ts';
import { INSTRUCTION_SETS } from '../../../src/runtime/kernels/files.ts';
import { canSetUp, list, makeWorkbench, type Workbench } from './fake-toolchain.ts';

const NAME = `fake-0.0.1-${process.platform}-${process.arch}`;
const KERNELS = Object.keys(INSTRUCTION_SETS).map(() => 'kernels');

describe.skipIf(!canSetUp)('set-up', { timeout: 60_000 }, () => {
  let bench: Workbench;
  beforeAll(() => {
    bench = makeWorkbench();
  });
  afterAll(() => bench.remove());

  it('makes a complete folder once, and only once', async () => {
    const cache = bench.cache();
    const first = await bench.setup(cache);
    expect(first.err).toBe('');
    expect(JSON.parse(first.out)).toMatchObject({ folder: join(cache, NAME), made: true });
    expect(list(cache)).toEqual([NAME, 'lock']);
    expect(list(join(cache, NAME))).toEqual(['deps', 'lib', 'manifest.json']);
    expect(list(join(cache, NAME, 'deps'))).toEqual(['lib']);
    expect(readManifest(join(cache, NAME))).toMatchObject({
      wheel: 'fake',
      version: '0.0.1',
      compiler: 'g++ (fake) 1.0',
      files: [
        { path: 'deps/lib/libtensorflow_cc.so.2', size: 21_000 },
        { path: 'deps/lib/libtensorflow_framework.so.2' },
        { path: 'lib/napi-v8/tfjs_binding.node' },
      ],
    });

    const second = await bench.setup(cache, { PATH: '/nowhere' });
    expect(JSON.parse(second.out)).toMatchObject({ made: false });
    expect(bench.calls(cache)).toEqual(['download', 'unpack', 'compile', ...KERNELS]);
  });

  it('makes a truncated folder again', async () => {
    const cache = bench.cache();
    await bench.setup(cache);
    truncateSync(join(cache, NAME, 'deps/lib/libtensorflow_cc.so.2'), 10);
    expect(readManifest(join(cache, NAME))).toBe('deps/lib/libtensorflow_cc.so.2 has 10 bytes instead of 21000');
    expect(JSON.parse((await bench.setup(cache)).out)).toMatchObject({ made: true });
    expect(readManifest(join(cache, NAME))).toBeTypeOf('object');
    expect(list(cache)).toEqual([NAME, 'lock']);
  });

  it('compiles other kernels alone', async () => {
    const cache = bench.cache();
    await bench.setup(cache);
    const [kernels] = list(join(cache, NAME, 'lib'));
    rmSync(join(cache, NAME, 'lib', kernels!), { recursive: true });
    expect(JSON.parse((await bench.setup(cache)).out)).toMatchObject({ made: true, seconds: { wheel: 0 } });
    expect(list(join(cache, NAME, 'lib', kernels!))).toEqual(['amx.so', 'avx2.so', 'avx512.so', 'sha256.json']);
    expect(bench.calls(cache).slice(3 + KERNELS.length)).toEqual(KERNELS);
  });

  it.concurrent.each([
    'download:kill',
    'checksum:kill',
    'unpack:kill',
    'compile:kill',
    'kernels:kill',
    'verification:kill',
    'publish:kill-syncing',
    'publish:kill',
  ])('leaves nothing half-made after %s', async (FAULT) => {
    const cache = bench.cache();
    expect((await bench.setup(cache, { FAULT })).signal).toBe('SIGKILL');
    expect(readManifest(join(cache, NAME))).toBe('it has no manifest.json');
    await succeeds(cache);
  });

  const again = 'and run `banyan setup` again.';
  const full = `failed because the disk is full. Free some room, or set BANYAN_CACHE to a folder on another disk, ${again}`;
  it.concurrent.each([
    [
      'download:network',
      'Downloading fake 0.0.1 with pip failed: python3 ended with code 1: ERROR: Could not find a version that satisfies ' +
        `the requirement fake==0.0.1. Check the network and the settings of pip (\`python3 -m pip config list\`), ${again}`,
    ],
    ['download:full', `Downloading fake 0.0.1 with pip ${full}`],
    [
      'checksum:truncated',
      /^The downloaded fake-0\.0\.1\.whl is not the one expected: expected \d+ bytes .* received 400 /,
    ],
    ['unpack:full', `Unpacking fake-0.0.1.whl ${full}`],
    ['compile:full', `Compiling the TensorFlow binding ${full}`],
    [
      'compile:error',
      'Compiling the TensorFlow binding failed: g++ ended with code 1: binding.cc:1:1: error: expected a miracle. ' +
        `Use g++ 8 or later, ${again}`,
    ],
    [
      'kernels:error',
      'Compiling the kernels failed: g++ ended with code 1: linear.cc:1:1: error: expected a vector. ' +
        `Use g++ 11 or later, ${again}`,
    ],
    ['verification:garbage', /^Loading the compiled binding failed: .*Check that this processor has AVX .* again\.$/],
    ['manifest:full', / failed because the disk is full\. Free some room, .* again\.$/],
    ['publish:full', / failed because the disk is full\. Free some room, .* again\.$/],
  ])('says what is wrong after %s, and leaves nothing', async (FAULT, expected) => {
    const cache = bench.cache();
    const { code, err } = await bench.setup(cache, { FAULT });
    expect(code).toBe(1);
    if (typeof expected === 'string') expect(err.trim()).toBe(expected);
    else expect(err.trim()).toMatch(expected);
    expect(list(cache)).toEqual(['lock']);
    if (FAULT === 'download:network') await succeeds(cache); // An empty cache is the same after each of them.
  });

  async function succeeds(cache: string): Promise<void> {
    const { out, err } = await bench.setup(cache);
    expect(err).toBe('');
    expect(JSON.parse(out)).toMatchObject({ made: true });
    expect(readManifest(join(cache, NAME))).toBeTypeOf('object');
    expect(list(cache)).toEqual([NAME, 'lock']);
  }

  it('is complete from its last rename on, and the rest is cleared away later', async () => {
    const cache = bench.cache();
    expect((await bench.setup(cache, { FAULT: 'published:kill' })).signal).toBe('SIGKILL');
    expect(readManifest(join(cache, NAME))).toBeTypeOf('object');
    expect(list(cache)).not.toEqual([NAME, 'lock']);
    expect(JSON.parse((await bench.setup(cache)).out)).toMatchObject({ made: false });
    expect(list(cache)).toEqual([NAME, 'lock']);
  });

  it('of two at once one works and one waits', async () => {
    const cache = bench.cache();
    const both = await Promise.all([1, 2].map(() => bench.setup(cache, { SLOW: '1' })));
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.map(({ out }) => JSON.parse(out).made).sort()).toEqual([false, true]);
    expect(both.map(({ err }) => err).join('')).toMatch(/^Waiting for another set-up \(process \d+\) to finish …\n$/);
    expect(bench.calls(cache)).toEqual(['download', 'unpack', 'compile', ...KERNELS]);
  });

  it('says in one sentence what is missing', async () => {
    const only = (...tools: string[]): string => {
      const bin = join(bench.folder, `only-${tools.join('-')}`);
      mkdirSync(bin);
      for (const tool of tools) copyFileSync(join(bench.bin, tool), join(bin, tool));
      return bin;
    };
    const said = async (env: NodeJS.ProcessEnv): Promise<string> => {
      const { code, err } = await bench.setup(bench.cache(), env);
      expect(code).toBe(1);
      return err.trim();
    };
    const [python, pip, compiler, both] = await Promise.all([
      said({ PATH: only('g++') }),
      said({ NO_PIP: '1' }),
      said({ PATH: only('python3') }),
      said({ PATH: only() }),
    ]);
    const sentence = 'TensorFlow cannot be set up because';
    expect(python).toBe(
      `${sentence} Python 3 is missing; on Debian or Ubuntu \`apt-get install python3 python3-pip\` brings it.`,
    );
    expect(pip).toBe(
      `${sentence} Python's pip is missing; on Debian or Ubuntu \`apt-get install python3-pip\` brings it.`,
    );
    expect(compiler).toBe(`${sentence} g++ is missing; on Debian or Ubuntu \`apt-get install g++\` brings it.`);
    expect(both).toBe(
      `${sentence} Python 3 and g++ are missing; on Debian or Ubuntu \`apt-get install python3 python3-pip g++\` brings them.`,
    );
  });
});

describe('manifest', () => {
  it('that is missing, cut short or of another kind is named as such', () => {
    const folder = mkdtempSync(join(tmpdir(), 'banyan-manifest-'));
    try {
      expect(readManifest(folder)).toBe('it has no manifest.json');
      writeFileSync(join(folder, 'manifest.json'), '{"wheel"');
      expect(readManifest(folder)).toMatch(/^its manifest\.json cannot be read \(/);
      writeFileSync(join(folder, 'manifest.json'), '{}');
      expect(readManifest(folder)).toBe('its manifest.json lists no files');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../repository.ts';
import { child } from './fake-toolchain.ts';

const cache = join(temporaryFolder(), 'none');

// A process has one TensorFlow, which takes the own kernels once; a worker's end must not take them away.
it.each(['w+w,m', 'm,m+w'])(
  'the threads %s of one process train to the same weights',
  { timeout: 120_000 },
  async (threads) => {
    const { code, err, out } = await child(['test/runtime/install/workers-child.ts', threads], process.env);
    expect(err).toBe('');
    expect(code).toBe(0);
    const digests = JSON.parse(out) as string[];
    expect(digests).toHaveLength(threads.split(/[,+]/).length);
    expect(digests[0]).toMatch(/^[0-9a-f]{64} /);
    expect(new Set(digests).size).toBe(1);
  },
);

it('one warning a process says that the slow backend does the work', { timeout: 120_000 }, async () => {
  const { code, err } = await child(['test/runtime/install/workers-child.ts', 'm,w'], { BANYAN_CACHE: cache });
  expect(code).toBe(0);
  expect(err.match(/BanyanWarning: .*/g)).toEqual([
    expect.stringMatching(
      /^BanyanWarning: .*The pure JavaScript backend does the work, many times slower; `npx banyan setup` sets up TensorFlow\.$/,
    ),
  ]);
});

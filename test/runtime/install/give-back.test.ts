import { expect, it } from 'vitest';
import { mappingsIn, unwritten } from '../../../src/runtime/install/give-back.ts';

/** An entry of /proc/self/smaps with those of its lines that are read. */
const entry = (head: string, resident: number, anonymous: number, swap: number | 'uncounted' = 0) =>
  [
    head,
    'Size:               1024 kB',
    'KernelPageSize:        4 kB',
    `Rss:            ${String(resident).padStart(8)} kB`,
    'Private_Dirty:         0 kB',
    `Anonymous:      ${String(anonymous).padStart(8)} kB`,
    'AnonHugePages:         0 kB',
    ...(swap === 'uncounted' ? [] : [`Swap:           ${String(swap).padStart(8)} kB`]),
    'SwapPss:               0 kB',
    'VmFlags: rd mr mw me',
    '',
  ].join('\n');

const LIBRARY = '/a folder/libtensorflow_cc.so.2';
const SMAPS = [
  entry('7f0000000000-7f0000100000 r--p 00000000 fe:00 17                   /a folder/libtensorflow_cc.so.2', 512, 0),
  entry('7f0000100000-7f0000200000 r-xp 00100000 fe:00 17                   /a folder/libtensorflow_cc.so.2', 400, 0),
  // Addresses were written into it before it became read-only; of the second, all went to the swap.
  entry('7f0000200000-7f0000210000 r--p 00200000 fe:00 17                   /a folder/libtensorflow_cc.so.2', 64, 60),
  entry('7f0000210000-7f0000220000 r--p 00210000 fe:00 17                   /a folder/libtensorflow_cc.so.2', 0, 0, 64),
  entry('7f0000220000-7f0000230000 rw-p 00220000 fe:00 17                   /a folder/libtensorflow_cc.so.2', 64, 0),
  entry('7f0000300000-7f0000400000 r--s 00000000 fe:00 17                   /a folder/libtensorflow_cc.so.2', 64, 0),
  entry('7f0000400000-7f0000500000 rw-p 00000000 00:00 0 ', 1024, 1024),
  entry('7f0000500000-7f0000600000 rw-p 00000000 00:00 0                    [heap]', 1024, 1024),
].join('');

it('reads which files are mapped, and how much of them was written to', () => {
  const mappings = mappingsIn(SMAPS);
  expect(mappings).toHaveLength(6);
  expect(mappings[2]).toEqual({
    start: 0x7f0000200000n,
    end: 0x7f0000210000n,
    permissions: 'r--p',
    file: LIBRARY,
    resident: 64,
    written: 60,
  });
  expect(mappings.map(({ written }) => written)).toEqual([0, 0, 60, 64, 0, 0]);
});

it('gives nothing back that was written to, or could be', () => {
  expect(unwritten(mappingsIn(SMAPS)).map(({ start }) => start)).toEqual([0x7f0000000000n, 0x7f0000100000n]);
});

it('gives nothing back where the system does not count what was written', () => {
  const [first] = SMAPS.split(/(?=7f0000100000)/);
  expect(unwritten(mappingsIn(first!))).toEqual([]);
  const uncounted = (anonymous: number) =>
    entry(`7f0000000000-7f0000100000 r--p 00000000 fe:00 17  ${LIBRARY}`, 512, anonymous, 'uncounted');
  expect(unwritten(mappingsIn(uncounted(0) + uncounted(60)))).toEqual([]);
});

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { CsvFile } from '../../../src/report/log/csv-file.ts';
import { temporaryFolder } from '../../repository.ts';

const disk = vi.hoisted(() => ({ isFull: false }));
vi.mock('../../../src/files/durable.ts', async (original) => {
  const durable = await original<typeof import('../../../src/files/durable.ts')>();
  return {
    ...durable,
    writeWhole: (...given: Parameters<typeof durable.writeWhole>) => {
      if (disk.isFull) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      return durable.writeWhole(...given);
    },
  };
});

const folder = temporaryFolder();
afterEach(() => void vi.restoreAllMocks());

it('a table that cannot be gone on with keeps its rows, until it can', () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const path = join(folder, 'steps.csv');
  const before = 'step,loss\n1,0.5\n2,0.25\n3,0.125\n';
  writeFileSync(path, before);
  const table = new CsvFile(path);
  disk.isFull = true;
  table.keepUpTo(2);
  table.add({ step: 3, loss: 0.2, rate: 1 });
  expect(readFileSync(path, 'utf8')).toBe(before);
  expect(warn).toHaveBeenCalledTimes(1);
  disk.isFull = false;
  table.add({ step: 4, loss: 0.1, rate: 2 });
  expect(readFileSync(path, 'utf8')).toBe('step,loss,rate\n1,0.5,\n2,0.25,\n3,0.2,1\n4,0.1,2\n');
});

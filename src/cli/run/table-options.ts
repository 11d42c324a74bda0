import { checkOptions } from '../../check.ts';
import type { TableOptions } from '../../data/index.ts';
import { writtenSchema } from '../../fields/index.ts';

/** Reads `--table`: how tables are written, as an entry of `data` says it. @throws BanyanError `argument` for what is no such thing. */
export const tableOptions = (table: unknown): TableOptions =>
  checkOptions('--table', writtenSchema, table) as TableOptions;

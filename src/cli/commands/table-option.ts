import { Option } from 'commander';
import { yaml } from './parse.ts';

/** `--table`, for commands that read the rows of tables. */
export const tableOption = (): Option =>
  new Option(
    '--table <options>',
    'how tables are written, as under `data`: "{ columns: [area, rooms], quotes: false }" where there is no header',
  ).argParser((text: string) => yaml(text));

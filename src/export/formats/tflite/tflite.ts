import { BanyanError } from '../../../error.ts';
import { findSideCar, TFLITE } from '../../../runtime/index.ts';
import type { Format } from '../format.ts';
import { convert } from './convert.ts';
import { openLiteRt } from './runtime.ts';

/** A file of LiteRT's form (TFLite) for each function, FUNCTION.tflite, by TensorFlow's own converter. */
export const tflite: Format = {
  kind: 'tflite',
  about: 'files for LiteRT (TFLite), on phones and small devices; a file a function',
  quantisations: ['float16', 'int8', 'full-int8'],
  converts: true,
  assertReady: () => void ready(),
  write: (graph, conversion) => convert(ready(), graph, conversion, fileOf),
  open: (folder) => openLiteRt(ready(), folder, fileOf),
  missing: 'LiteRT; `banyan setup --tflite` installs it',
};

function ready() {
  const python = findSideCar(TFLITE);
  if (python !== undefined) return python;
  throw new BanyanError(
    'runtime',
    `The form tflite is made by ${TFLITE.what}, which is not here. \`banyan setup --tflite\` installs it.`,
  );
}

const fileOf = (name: string): string => `${name}.tflite`;

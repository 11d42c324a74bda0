// Prints which instruction set the kernels in use are for.
import { startRuntime } from '../../../src/runtime/index.ts';
import { kernelsInUse } from '../../../src/runtime/kernels/kernels.ts';

await startRuntime({ require: 'tensorflow' });
console.log(kernelsInUse());

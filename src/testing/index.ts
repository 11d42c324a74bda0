import '../one-copy.ts';

export { runEnvironmentContract } from './environment.ts';
export { runHeadContract } from './head.ts';
export { runSourceContract } from './source.ts';
export { runStemContract } from './stem.ts';
export { runTaskContract } from './task.ts';

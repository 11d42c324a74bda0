import '../one-copy.ts';

export type { Clause, Contract } from './contract.ts';
export { environmentContract, runEnvironmentContract } from './environment.ts';
export { type HeadSubject, headContract, runHeadContract } from './head.ts';
export { runSourceContract, sourceContract } from './source.ts';
export { runStemContract, type StemSubject, stemContract } from './stem.ts';
export { runTaskContract, type TaskSubject, taskContract } from './task.ts';

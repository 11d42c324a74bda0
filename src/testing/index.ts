import '../one-copy.ts';

export type { Clause, Contract } from './contract.ts';
export { environmentContract, runEnvironmentContract } from './environment.ts';
export { headContract, runHeadContract } from './head.ts';
export type { HeadSubject } from './head-task.ts';
export { runSourceContract, sourceContract } from './source.ts';
export { runStemContract, type StemSubject, stemContract } from './stem.ts';
export { runTaskContract, type TaskSubject, taskContract } from './task.ts';
export { writingHeadContract } from './writing-head.ts';

// What the module takes of `banyan-ml/data`.
export { hash as fnv1a } from '../../random/stream.ts';

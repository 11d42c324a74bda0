export { type Bindings, Family, type Plugged } from './family.ts';
export type { Kind, KindData } from './kind.ts';
export type { KindMeta, KindOptions } from './schema.ts';

import '../one-copy.ts';

export type { ServeOptions } from './options.ts';
export { type NetworkServer, serve } from './serve.ts';

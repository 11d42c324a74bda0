export type { ClusterPlace } from './cluster-def.ts';
export { Context } from './context.ts';
export { type Library, openLibrary, type Pointer } from './library.ts';
export { SavedModel } from './saved-model.ts';
export { isLoss, isRefusal } from './status.ts';
export type { HostDtype, HostTensor } from './types.ts';

export { Chronicle, toldOf } from './chronicle.ts';
export { reportHtml } from './page-file.ts';
export { assertPort } from './server.ts';
export { type Watching, type WatchOptions, watch } from './watch.ts';
export { wireGalleries } from './wire.ts';

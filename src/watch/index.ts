export { isNoted, type Note, type NoteEvent, noteOf } from './notes.ts';
export { reportHtml } from './page-file.ts';
export { assertPort } from './server.ts';
export { progressOf, TrainingLog } from './training-log.ts';
export { type LivePage, type WatchOptions, watch } from './watch.ts';
export { wireGalleries, wireRoutes } from './wire.ts';

export { type RunSummary, runPage } from './page.ts';

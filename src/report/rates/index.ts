export { ratePage } from './page.ts';
export { rateText } from './text.ts';

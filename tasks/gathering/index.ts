export { Gathering, type GatheringOptions } from './game.ts';

export { SpaceInvaders, type SpaceInvadersOptions } from './game.ts';

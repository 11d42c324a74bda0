export { advantages, type Trajectory } from './advantage.ts';
export { type ActorCriticOptions, actorCritic, type Decision } from './heads/actor-critic.ts';
export type { Episode, Experience } from './lesson.ts';
export { type RolloutsOptions, rollouts } from './rollouts.ts';
export { type ObservationStemOptions, observationStem } from './stems/observation.ts';

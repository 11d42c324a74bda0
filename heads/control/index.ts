// First, so that a second copy of the package is told before its tfjs is there.
import 'banyan-ml';

export { advantages, type Trajectory } from './advantage.ts';
export type { ActionValue, Episode, Experience } from './experience.ts';
export { type ActorCriticOptions, type ActorCriticOutput, actorCritic, type Decision } from './heads/actor-critic.ts';
export { type Preference, type QValuesOptions, qValues } from './heads/q-values.ts';
export { type ReplayOptions, replay } from './replay.ts';
export { type RolloutsOptions, rollouts } from './rollouts.ts';
export { type ObservationStemOptions, observationStem } from './stems/observation.ts';

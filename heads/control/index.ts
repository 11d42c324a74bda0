// First, so that a second copy of the package is told before its tfjs is there.
import 'banyan-ml';

export { advantages, type Trajectory } from './advantage.ts';
export type { ActionValue, Episode, Experience } from './experience.ts';
export { type ActorCriticOptions, type ActorCriticOutput, actorCritic, type Decision } from './heads/actor-critic.ts';
export { type Preference, type QValuesOptions, qValues } from './heads/q-values.ts';
export {
  type Reason,
  type RuleLesson,
  type RulesOptions,
  type RulesOutput,
  type Ruling,
  rules,
} from './heads/rules.ts';
export type { MemoryOptions } from './memory.ts';
export { punished, rewarded } from './metrics.ts';
export { type RelationalReplayOptions, relationalReplay } from './relational-replay.ts';
export { type ReplayOptions, replay } from './replay.ts';
export { type RolloutsOptions, rollouts } from './rollouts.ts';
export { type ObjectStemOptions, objectStem } from './stems/object.ts';
export { type ObservationStemOptions, observationStem } from './stems/observation.ts';
export { AgentFinder } from './symbols/agent.ts';
export { ActionChoice, type ActionChoiceOptions } from './symbols/choice.ts';
export type { EyesOptions } from './symbols/eyes.ts';
export { type ObjectType, ObjectTypes } from './symbols/object-types.ts';
export { objectView } from './symbols/object-view.ts';
export { type Lesson, lessonOf, type Relation, relationsOf } from './symbols/relations.ts';
export { type Code, type SalienceOptions, type SalientPixel, salientPixels } from './symbols/salience.ts';
export { type RelationRow, RelationTables, type RelationTablesOptions, type RelationUpdate } from './symbols/tables.ts';
export { type PlayedEpisode, playByTables } from './symbols/tabular.ts';
export { type LikelyPair, Tracker, type TrackingOptions, type Tracks } from './symbols/tracking.ts';

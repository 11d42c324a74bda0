/** An experience is an action that was taken, and what became of it. */
export interface Experience {
  readonly action: number;
  /** The logarithm of the action's probability, with the weights that took it. */
  readonly logProbability: number;
  /** It was so much better than expected; comparable within a batch. */
  readonly advantage: number;
  /** The state was worth so much, as far as it is known by now. */
  readonly value: number;
}

/** An episode was played to its end, or to the limit: it is what is measured. */
export interface Episode {
  /** The sum of its rewards. */
  readonly return: number;
  readonly length: number;
  /** The mean entropy of the policy over its steps, in nats; 0 where actions are not drawn. */
  readonly entropy: number;
  /** So many of its steps had a reward above 0. */
  readonly rewarded?: number;
  /** So many of its steps had a reward below 0. */
  readonly punished?: number;
}

export const isEpisode = (target: object): target is Episode => 'return' in target;

/** An action value is an action that was taken, and what it is worth, as far as it is known by now. */
export interface ActionValue {
  readonly action: number;
  readonly value: number;
}

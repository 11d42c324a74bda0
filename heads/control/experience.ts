/** An action that was taken, and what became of it. */
export interface Experience {
  readonly action: number;
  /** Of the action, with the weights that took it. */
  readonly logProbability: number;
  /** How much better it was than expected; comparable within a batch. */
  readonly advantage: number;
  /** What the state was worth, as far as it is known by now. */
  readonly value: number;
}

/** An episode that was played to its end, or to the limit: what is measured. */
export interface Episode {
  /** Sum of its rewards. */
  readonly return: number;
  readonly length: number;
  /** Mean entropy of the policy over its steps, in nats; 0 where actions are not drawn. */
  readonly entropy: number;
}

export const isEpisode = (lesson: object): lesson is Episode => 'return' in lesson;

/** An action that was taken, and what it is worth, as far as it is known by now. */
export interface ActionValue {
  readonly action: number;
  readonly value: number;
}

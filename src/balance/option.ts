/** The parameters over which an aggregator compares and combines gradients; the others get their sum. */
export type BalanceOn =
  /** The column that all tasks read. */
  | 'trunk'
  /** That, and stems which several tasks share. */
  | 'shared'
  /** What the trunk gives, for tasks on one input: the cheapest, and another method than on its weights. */
  | 'activations';

/** A method of balancing tasks by its name, with its options: what `balance` of a training takes. */
export interface BalanceOption {
  readonly method: string;
  readonly options?: Readonly<Record<string, unknown>>;
  /** Default `trunk`. */
  readonly on?: BalanceOn;
}

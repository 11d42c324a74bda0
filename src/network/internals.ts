import type { Container } from 'inversify';
import type { NetworkBody } from './assembly/body.ts';
import type { Lease } from './lease.ts';
import type { FrozenTasks } from './storage/frozen.ts';

/**
 * What stands behind the face of a network: the rooms that train, evaluate and study it work with this, and a program that uses the
 * package never sees it.
 */
export interface Internals {
  /** Holds the tasks, and what plugins bind. */
  readonly container: Container;
  /** Stems, columns and heads with their weights. */
  readonly body: NetworkBody;
  /** Who works with the weights, and when. */
  readonly lease: Lease;
  /** The proof that frozen tasks still give what they gave. */
  readonly frozen: FrozenTasks;
}

import * as tf from '@tensorflow/tfjs';
import { startRuntime } from '../runtime/index.ts';

/** A clause is one thing that a contract asks for. It rejects where the subject does not keep it. */
export interface Clause<Subject> {
  /** The name says what is asked for, as in "The head …"; its error begins with it. */
  readonly name: string;
  check(subject: Subject): Promise<void>;
}

/** A contract says what every part of one kind must keep, clause by clause. */
export interface Contract<Subject> {
  readonly clauses: readonly Clause<Subject>[];
}

/** The checks of a subject, by the names of their clauses. */
type Checks<Subject> = Readonly<Record<string, (subject: Subject) => void | Promise<void>>>;

/**
 * Makes a contract of clauses by their names.
 * @param what the kind of part: an error begins with it and the clause's name.
 */
export function contractOf<Subject>(what: string, checks: Checks<Subject>): Contract<Subject> {
  return {
    clauses: Object.entries(checks).map(([name, work]) => ({
      name,
      check: async (subject) => {
        try {
          await work(subject);
        } catch (error) {
          throw new Error(`The ${what} ${name}: ${error instanceof Error ? error.message : String(error)}`, {
            cause: error,
          });
        }
      },
    })),
  };
}

/** Makes a contract whose clauses run on the runtime: not one tensor may outlive any of them. */
export function tensorContractOf<Subject>(what: string, checks: Checks<Subject>): Contract<Subject> {
  const guarded = Object.entries(checks).map(([name, work]) => [
    name,
    (subject: Subject) => withoutLeak(what, () => work(subject)),
  ]);
  return contractOf(what, Object.fromEntries(guarded));
}

/** Checks all clauses of a contract, one after the other, up to the first that is not kept. */
export async function runContract<Subject>({ clauses }: Contract<Subject>, subject: Subject): Promise<void> {
  for (const clause of clauses) await clause.check(subject);
}

async function withoutLeak(what: string, work: () => void | Promise<void>): Promise<void> {
  await startRuntime();
  const before = tf.memory().numTensors;
  await work();
  const left = tf.memory().numTensors - before;
  if (left !== 0)
    throw new Error(`${what}: ${left} tensors are left after the clause. Wrap what makes them in tf.tidy.`);
}

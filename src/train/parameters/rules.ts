import { checkOptions } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import { namePattern } from '../../name-pattern.ts';
import { didYouMean, listed } from '../../nearest.ts';
import type { BuiltTask, NetworkVariable } from '../../network/index.ts';
import { columnScope, isBelow, isTrunk } from '../../scope.ts';
import { reaches } from '../step/trained-variables.ts';
import { parameterSchema } from './schema.ts';

/** How some of the weights are trained otherwise than the rest. */
export interface ParameterRule {
  /**
   * The names of the weights, as `banyan inspect --weights` shows them; `*` stands for any text, and `trunk/` for the column that is
   * trained. A weight is under the first rule that matches it.
   */
  readonly match: string;
  /** The factor of the learning rate for them, > 0, beside that of the task. Default 1. */
  readonly learningRate?: number | undefined;
  /**
   * With true they are not trained. With `until` they are not in so many first steps, with `from` not from that step on. Default false.
   * A part (a stem, a block, a head) of which nothing is trained in a step runs in inference mode there: it drops nothing, and its
   * batch statistics stay as they are.
   */
  readonly frozen?: boolean | { readonly until: number } | { readonly from: number } | undefined;
}

/** What rules make of the weights of a training, step by step. */
export class ParameterRules {
  /** Those of the weights that some step may train. */
  readonly trained: readonly NetworkVariable[];
  readonly #variables: readonly NetworkVariable[];
  readonly #column: string;
  readonly #ruleOf: ReadonlyMap<string, ParameterRule>;
  /** The last step of each phase but the last. */
  readonly #ends: readonly number[];

  /**
   * `variables`: what is trained without rules; `column`: the number of the column among them.
   * @throws BanyanError `argument` for a rule that matches no weight, or is none.
   */
  constructor(rules: readonly ParameterRule[], variables: readonly NetworkVariable[], column: number) {
    for (const [i, rule] of rules.entries()) checkOptions(`train: parameters[${i}]`, parameterSchema, rule);
    this.#variables = variables;
    this.#column = columnScope(column);
    this.#ruleOf = assign(rules, variables, this.#column);
    this.trained = variables.filter(({ name }) => this.#ruleOf.get(name)?.frozen !== true);
    const ends = rules.flatMap(({ frozen }) => {
      if (typeof frozen !== 'object') return [];
      return 'until' in frozen ? [frozen.until] : [frozen.from - 1];
    });
    this.#ends = [...new Set(ends)].filter((step) => step > 0).sort((a, b) => a - b);
  }

  /** The factor of a weight's learning rate. */
  factorOf({ name }: NetworkVariable): number {
    return this.#ruleOf.get(name)?.learningRate ?? 1;
  }

  /** The number of the phase that a step is in; in all steps of one the same weights are trained. Steps count from 1. */
  phaseOf(step: number): number {
    return this.#ends.filter((end) => step > end).length;
  }

  /** The weights that are trained in a phase. */
  trainedIn(phase: number): readonly NetworkVariable[] {
    const first = (this.#ends[phase - 1] ?? 0) + 1;
    return this.trained.filter(({ name }) => !isFrozenAt(this.#ruleOf.get(name), first));
  }

  /** Whether all weights that some step trains are trained in a phase. */
  trainsAllIn(phase: number): boolean {
    return this.trainedIn(phase).length === this.trained.length;
  }

  /** The scopes of the parts of which nothing is trained in a phase, since rules freeze it; that of the column too, where it is all of it. */
  stillIn(phase: number): ReadonlySet<string> {
    const moving = new Set(this.trainedIn(phase).map(({ scope }) => scope));
    const scopes = this.#variables.map(({ scope }) => scope);
    const still = new Set(scopes.filter((scope) => !moving.has(scope)));
    const ofColumn = scopes.filter((scope) => isBelow(scope, this.#column));
    if (ofColumn.length > 0 && ofColumn.every((scope) => still.has(scope))) still.add(this.#column);
    return still;
  }

  /** As `stillIn`, of those parts of which no step up to this one has trained anything. */
  stillUntil(step: number): ReadonlySet<string> {
    const phases = Array.from({ length: this.phaseOf(step) + 1 }, (_, phase) => this.stillIn(phase));
    return new Set([...phases[0]!].filter((scope) => phases.every((still) => still.has(scope))));
  }

  /**
   * @throws BanyanError `argument` for a phase in which a task trains nothing, or, with `needsTrunk`, in which nothing of the trunk is
   * trained.
   */
  check(tasks: readonly BuiltTask[], needsTrunk: boolean): void {
    for (let phase = 0; phase <= this.#ends.length; phase++) {
      const step = (this.#ends[phase - 1] ?? 0) + 1;
      const trained = this.trainedIn(phase);
      const idle = tasks.find((task) => !trained.some((variable) => reaches(task, variable)));
      if (idle !== undefined)
        throw fault(
          `task "${idle.name}" trains nothing from step ${step} on, expected some of its weights`,
          'Match less, or leave the task out.',
        );
      if (needsTrunk && !trained.some(({ scope }) => isTrunk(scope)))
        throw fault(
          `nothing of the trunk is trained from step ${step} on, and the method that balances looks at its gradients, expected some of it`,
          'Match less, or choose a method that looks at losses.',
        );
    }
  }
}

const isFrozenAt = (rule: ParameterRule | undefined, step: number): boolean => {
  const frozen = rule?.frozen ?? false;
  if (typeof frozen === 'boolean') return frozen;
  return 'until' in frozen ? step <= frozen.until : step >= frozen.from;
};

/** Finds the rule of each weight. */
function assign(
  rules: readonly ParameterRule[],
  variables: readonly NetworkVariable[],
  column: string,
): ReadonlyMap<string, ParameterRule> {
  const ruleOf = new Map<string, ParameterRule>();
  for (const rule of rules) {
    const pattern = namePattern(rule.match.replace(/^trunk\//, `${column}/`));
    const matched = variables.filter(({ name }) => pattern.match(name) !== undefined);
    if (matched.length === 0) throw noMatch(rule.match, variables, column);
    const left = matched.filter(({ name }) => !ruleOf.has(name));
    if (left.length === 0)
      throw fault(
        `"${rule.match}" matches only weights that earlier rules match, expected others`,
        'Put it before them, or remove it.',
      );
    for (const { name } of left) ruleOf.set(name, rule);
  }
  return ruleOf;
}

function noMatch(match: string, variables: readonly NetworkVariable[], column: string): BanyanError {
  const prefix = `${column}/`;
  const names = variables.flatMap(({ name }) => [
    name,
    ...(name.startsWith(prefix) ? [`trunk/${name.slice(prefix.length)}`] : []),
  ]);
  const scopes = [...new Set(variables.map(({ scope }) => `${scope}/*`))];
  return fault(
    `"${match}" matches no weight that is trained, expected one or more of those below ${listed(scopes)}`,
    didYouMean(
      match,
      [...names, ...scopes, 'trunk/*', 'stem/*', 'head/*'],
      '`banyan inspect RUN --weights` lists their names.',
    ),
  );
}

const fault = (what: string, mend: string) => new BanyanError('argument', `train: parameters: ${what}. ${mend}`);

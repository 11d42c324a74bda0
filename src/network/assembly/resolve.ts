import { Container, type ServiceIdentifier } from 'inversify';
import { BanyanError } from '../../error.ts';
import type { Randomness, RandomRoot } from '../../random/index.ts';
import { stemScope } from '../../scope.ts';
import { isPromise, show } from '../../show.ts';
import { blaming } from '../../task/blame.ts';
import type { BlockContext, BuildContext, Head, HeadContext, Stem } from '../../task/contract.ts';
import type { AnyTask } from '../../task/task.ts';
import { HEAD_CONTEXT, RANDOM, STEM_CONTEXT, TASK_NAME, VARIABLES, WIDTH } from '../../task/tokens.ts';
import type { VariableStore } from './variables.ts';

/** What a network's stems, columns and heads are built with. */
export interface BuildScope {
  readonly container: Container;
  readonly store: VariableStore;
  readonly randomness: RandomRoot;
}

/** What a part of a column is built with. */
export const partContext = ({ store, randomness }: BuildScope, scope: string, width: number): BlockContext => ({
  width,
  random: randomness.branch(scope),
  ...store.scope(scope),
});

type Weights = Pick<BuildContext, 'variable' | 'asset' | 'settings' | 'penalty'>;

/** What one stem or head is made with. */
interface PartOptions {
  readonly scope: string;
  /** The task that its context names. */
  readonly task: string;
  readonly width: number;
  readonly positions?: number | undefined;
  /** Default: the functions of a part of this scope that is made for the first time. */
  readonly weights?: Weights;
}

/** The container in which one stem or head is made: what it needs is bound, and it constructs none of it. */
function childContainer(
  build: BuildScope,
  { scope, task, width, positions, weights = build.store.scope(scope) }: PartOptions,
): Container {
  const child = new Container({ parent: build.container });
  const contextOf = (width: number, name: string, random: Randomness, variables: Weights): HeadContext => ({
    width,
    task: name,
    random,
    variable: variables.variable,
    asset: variables.asset,
    settings: variables.settings,
    penalty: variables.penalty,
    ...(positions === undefined ? {} : { positions }),
  });
  const needs = [WIDTH, TASK_NAME, RANDOM, VARIABLES] as const;
  child.bind(WIDTH).toConstantValue(width);
  child.bind(TASK_NAME).toConstantValue(task);
  child.bind(RANDOM).toConstantValue(build.randomness.branch(scope));
  child.bind(VARIABLES).toConstantValue(weights);
  child.bind(STEM_CONTEXT).toResolvedValue(contextOf, [...needs]);
  child.bind(HEAD_CONTEXT).toResolvedValue(contextOf, [...needs]);
  return child;
}

/** The stem of a task for a column of this width: its factory called, or its class or token resolved. */
export function buildStem(build: BuildScope, task: AnyTask, width: number): Stem<unknown> {
  const child = childContainer(build, { scope: stemScope(task.name), task: task.name, width });
  const stem = resolve<Stem<unknown>>(child, task, 'stem', () => child.get(STEM_CONTEXT));
  checkStem(task.name, stem);
  return stem;
}

/** What a head is built for. */
interface HeadPlace {
  readonly width: number;
  /** The stem whose tokens it reads. */
  readonly stem: Stem<unknown>;
  /** The scope of its weights. */
  readonly scope: string;
  /** The first task that named the same head object, whose weights it shares; the task itself where that is the first. */
  readonly first: string;
}

/** Builds the head of a task in the same way. */
export function buildHead(
  build: BuildScope,
  task: AnyTask,
  { width, stem: { positions }, scope, first }: HeadPlace,
): Head<unknown, unknown> {
  const shared =
    first === task.name ? {} : { weights: build.store.sharedScope(scope, `Task "${task.name}": its head`) };
  const child = childContainer(build, { scope, task: first, width, positions, ...shared });
  const head = resolve<Head<unknown, unknown>>(child, task, 'head', () => child.get(HEAD_CONTEXT));
  checkLengths(`Task "${task.name}": its head's target's`, 'shape[0]', head.target?.lengths, head.target?.shape[0]);
  return head;
}

/** The members that a stem or head must have. */
const MEMBERS = { stem: ['inputShape', 'prepare', 'forward'], head: ['metrics', 'forward', 'loss', 'decode'] } as const;

/** What a module binds is got from the container; any other function is a factory. */
function resolve<T extends object>(
  child: Container,
  task: AnyTask,
  what: 'stem' | 'head',
  context: () => BuildContext,
): T {
  const provider = task[what] as unknown;
  const bound = child.isBound(provider as ServiceIdentifier<T>);
  if (!bound && (typeof provider !== 'function' || isClass(provider))) throw unbound(task.name, what, provider);
  const make = () =>
    bound ? child.get(provider as ServiceIdentifier<T>) : (provider as (context: BuildContext) => T)(context());
  const resolved: unknown = blaming(`Task "${task.name}": making its ${what}`, `a ${what}`, make);
  if (isPromise(resolved)) {
    // What it fails with, if it does, has nobody to hear it.
    resolved.then(undefined, () => {});
    throw new BanyanError(
      'plugin',
      `Task "${task.name}": its ${what} is made asynchronously and came as a promise, expected the ${what} itself. Load what it needs before the network is made, and make the factory a plain function.`,
    );
  }
  const lacks = MEMBERS[what].find(
    (member) => (resolved as Partial<Record<string, unknown>> | null)?.[member] === undefined,
  );
  if (lacks === undefined) return resolved as T;
  throw new BanyanError(
    'plugin',
    `Task "${task.name}": its ${what} is ${show(resolved)} and has no "${lacks}", expected an object with ${MEMBERS[what].join(', ')}. Return one from the factory.`,
  );
}

const isClass = (provider: unknown) => /^class\b/.test(Function.prototype.toString.call(provider));

function unbound(task: string, what: string, identifier: unknown): BanyanError {
  return new BanyanError(
    'plugin',
    `Task "${task}": its ${what} is ${typeof identifier === 'function' ? `the class ${identifier.name}` : `the token ${String(identifier)}`}, and no plugin binds it. Expected a factory, or a token or class that a plugin of this network binds. Add the plugin to \`plugins\`.`,
  );
}

function checkStem(task: string, stem: Stem<unknown>): void {
  const { inputShape, lengths, positions } = stem;
  const good = inputShape.length > 0 && inputShape.every((size) => Number.isInteger(size) && size >= 1);
  if (!good) {
    throw new BanyanError(
      'shape',
      `Task "${task}": its stem's inputShape must hold whole numbers >= 1, received [${inputShape.join(', ')}]. Correct the stem's options.`,
    );
  }
  if (positions !== undefined && !(Number.isInteger(positions) && positions >= 1)) {
    throw new BanyanError(
      'shape',
      `Task "${task}": its stem's positions must be a whole number >= 1, received ${positions}. Correct it, or leave it out where it varies.`,
    );
  }
  checkLengths(`Task "${task}": its stem's`, 'inputShape[0]', lengths, inputShape[0]);
}

/** Checks the lengths to which a stem's inputs, or a head's labels, are padded. */
function checkLengths(
  whose: string,
  last: string,
  lengths: readonly number[] | undefined,
  longest: number | undefined,
): void {
  if (lengths === undefined) return;
  const ascending = lengths.every((length, i) => Number.isSafeInteger(length) && length > (lengths[i - 1] ?? 0));
  if (lengths.length >= 1 && lengths.length <= 4 && ascending && lengths.at(-1) === longest) return;
  throw new BanyanError(
    'shape',
    `${whose} lengths must be one to four ascending whole numbers >= 1 that end with ${last} = ${longest}, received [${lengths.join(', ')}]. End them with that number.`,
  );
}

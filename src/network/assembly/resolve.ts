import { Container, type ServiceIdentifier } from 'inversify';
import { BanyanError } from '../../error.ts';
import type { Randomness, RandomRoot } from '../../random/index.ts';
import { stemScope } from '../../scope.ts';
import { isPromise, show } from '../../show.ts';
import { blaming } from '../../task/blame.ts';
import type { BlockContext, BuildContext, Head, HeadContext, Stem } from '../../task/contract.ts';
import type { AnyTask, StemProvider } from '../../task/task.ts';
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

/**
 * A stem of a task for a column of this width: its factory called, or its class or token resolved. `input`: the name of the input that
 * it takes, where there are several.
 */
export function buildStem(
  build: BuildScope,
  { name }: AnyTask,
  // biome-ignore lint/suspicious/noExplicitAny: it takes inputs of whatever type
  provider: StemProvider<any>,
  width: number,
  input?: string,
): Stem<unknown> {
  const child = childContainer(build, { scope: stemScope(name, input), task: name, width });
  const what = input === undefined ? 'stem' : `stem "${input}"`;
  const part: Part = { task: name, kind: 'stem', what, provider };
  const stem = resolve<Stem<unknown>>(child, part, () => child.get(STEM_CONTEXT));
  checkStem(`Task "${name}": its ${what}'s`, stem);
  return stem;
}

/** What a head is built for. */
interface HeadPlace {
  readonly width: number;
  /** How many tokens its task's input becomes, where that is fixed. */
  readonly positions: number | undefined;
  /** The scope of its weights. */
  readonly scope: string;
  /** The first task that named the same head object, whose weights it shares; the task itself where that is the first. */
  readonly first: string;
}

/** Builds the head of a task in the same way. */
export function buildHead(
  build: BuildScope,
  task: AnyTask,
  { width, positions, scope, first }: HeadPlace,
): Head<unknown, unknown> {
  const shared =
    first === task.name ? {} : { weights: build.store.sharedScope(scope, `Task "${task.name}": its head`) };
  const child = childContainer(build, { scope, task: first, width, positions, ...shared });
  const part: Part = { task: task.name, kind: 'head', what: 'head', provider: task.head };
  const head = resolve<Head<unknown, unknown>>(child, part, () => child.get(HEAD_CONTEXT));
  checkLengths(`Task "${task.name}": its head's target's`, 'shape[0]', head.target?.lengths, head.target?.shape[0]);
  return head;
}

/** The members that a stem or head must have. */
const MEMBERS = { stem: ['inputShape', 'prepare', 'forward'], head: ['metrics', 'forward', 'loss', 'decode'] } as const;

/** What is to be made for a task. */
interface Part {
  readonly task: string;
  readonly kind: keyof typeof MEMBERS;
  /** What an error calls it. */
  readonly what: string;
  readonly provider: unknown;
}

/** What a module binds is got from the container; any other function is a factory. */
function resolve<T extends object>(
  child: Container,
  { task, kind, what, provider }: Part,
  context: () => BuildContext,
): T {
  const bound = child.isBound(provider as ServiceIdentifier<T>);
  if (!bound && (typeof provider !== 'function' || isClass(provider))) throw unbound(task, what, provider);
  const make = () =>
    bound ? child.get(provider as ServiceIdentifier<T>) : (provider as (context: BuildContext) => T)(context());
  const resolved: unknown = blaming(`Task "${task}": making its ${what}`, `a ${kind}`, make);
  if (isPromise(resolved)) {
    // What it fails with, if it does, has nobody to hear it.
    resolved.then(undefined, () => {});
    throw new BanyanError(
      'plugin',
      `Task "${task}": its ${what} is made asynchronously and came as a promise, expected the ${kind} itself. Load what it needs before the network is made, and make the factory a plain function.`,
    );
  }
  const lacks = MEMBERS[kind].find(
    (member) => (resolved as Partial<Record<string, unknown>> | null)?.[member] === undefined,
  );
  if (lacks === undefined) return resolved as T;
  throw new BanyanError(
    'plugin',
    `Task "${task}": its ${what} is ${show(resolved)} and has no "${lacks}", expected an object with ${MEMBERS[kind].join(', ')}. Return one from the factory.`,
  );
}

const isClass = (provider: unknown) => /^class\b/.test(Function.prototype.toString.call(provider));

function unbound(task: string, what: string, identifier: unknown): BanyanError {
  return new BanyanError(
    'plugin',
    `Task "${task}": its ${what} is ${typeof identifier === 'function' ? `the class ${identifier.name}` : `the token ${String(identifier)}`}, and no plugin binds it. Expected a factory, or a token or class that a plugin of this network binds. Add the plugin to \`plugins\`.`,
  );
}

function checkStem(whose: string, stem: Stem<unknown>): void {
  const { inputShape, lengths, positions } = stem;
  const good = inputShape.length > 0 && inputShape.every((size) => Number.isInteger(size) && size >= 1);
  if (!good) {
    throw new BanyanError(
      'shape',
      `${whose} inputShape must hold whole numbers >= 1, received [${inputShape.join(', ')}]. Correct the stem's options.`,
    );
  }
  if (positions !== undefined && !(Number.isInteger(positions) && positions >= 1)) {
    throw new BanyanError(
      'shape',
      `${whose} positions must be a whole number >= 1, received ${positions}. Correct it, or leave it out where it varies.`,
    );
  }
  checkLengths(whose, 'inputShape[0]', lengths, inputShape[0]);
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

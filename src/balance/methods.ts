import type { ServiceIdentifier } from 'inversify';
import { BanyanError } from '../error.ts';
import { type Bindings, Family, type Kind } from '../kind/index.ts';
import { token } from '../task/tokens.ts';
import * as builtIn from './built-in.ts';
import type { CoordinateMethod, GramMethod } from './method.ts';
import type { BalanceOption } from './option.ts';
import { tasksIn } from './options.ts';

/** A plugin binds a method by this token: what `gramMethod` or `coordinateMethod` returns. Several may be bound. */
export const BALANCE_METHOD: ServiceIdentifier<Kind<BalanceOption>> = token('BALANCE_METHOD');

/** All methods: those of this package, and those that plugins bind. */
export const balanceMethods = new Family<BalanceOption>('balancing method', BALANCE_METHOD, Object.values(builtIn));

export type Method = GramMethod | CoordinateMethod;

const isMethod = (kind: Kind<BalanceOption>): kind is Method =>
  'balances' in kind &&
  'shape' in kind.options &&
  ('create' in kind || ('combine' in kind && 'combineInGraph' in kind));

function method(kind: Kind<BalanceOption>): Method {
  if (isMethod(kind)) return kind;
  throw new BanyanError(
    'plugin',
    `The balancing method "${kind.kind}" of a plugin is none: expected create, or combine and combineInGraph, received ${Object.keys(kind).join(', ')}. Define it by gramMethod or coordinateMethod of banyan-ml/balance.`,
  );
}

/**
 * Lists all methods, with their papers, options, what they look at and cost, and how they were verified.
 * @param bindings a container in which plugins may have bound others, such as a network's.
 */
export const methods = (bindings?: Bindings): readonly Method[] => balanceMethods.kinds(bindings).map(method);

/**
 * Finds a method by its name.
 * @throws BanyanError `argument` for an unknown one, with the names of those that there are.
 */
export const methodNamed = (name: string, bindings?: Bindings): Method => method(balanceMethods.named(name, bindings));

/** Says how an option of a method names tasks: `numbers` by their names, or a `list` of them; undefined where it does not. */
export const tasksInOption = (name: string, option: string, bindings?: Bindings): 'numbers' | 'list' | undefined =>
  balanceMethods.has(name, bindings) ? tasksIn(methodNamed(name, bindings).options.shape[option]) : undefined;

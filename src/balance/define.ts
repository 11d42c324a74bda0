import type { z } from 'zod';
import { optionsOf } from '../check.ts';
import type { CoordinateMethod, GramMethod, MethodFacts } from './method.ts';
import type { BalanceOn, BalanceOption } from './option.ts';
import type { OptionInput, OptionShape } from './options.ts';

type Options<Shape extends OptionShape> = z.output<z.ZodObject<Shape, z.core.$strict>>;

/** A method as a program calls it: with its options; those that are left out have their defaults. */
export type MethodCall<Shape extends OptionShape> = (
  options?: { readonly [Name in keyof Shape]?: OptionInput<Shape[Name]> } & { readonly on?: BalanceOn },
) => BalanceOption;

/** What a method says of itself: facts, options, and how it balances. */
export type MethodDefinition<Shape extends OptionShape, Method> = MethodFacts & {
  /** What each option may be, by its name. */
  readonly options: Shape;
} & Method;

/**
 * Defines a method that gives one factor a task: what comes out is what a program calls, `balance: cagrad({ c: 0.4 })`, and what a
 * plugin binds by `BALANCE_METHOD`.
 */
export function gramMethod<Shape extends OptionShape>(
  definition: MethodDefinition<Shape, Pick<GramMethod<Options<Shape>>, 'create'>>,
): MethodCall<Shape> & GramMethod<Options<Shape>> {
  return define(definition);
}

/** Defines a method that looks at every number of the gradients, as {@link gramMethod} does. */
export function coordinateMethod<Shape extends OptionShape>(
  definition: MethodDefinition<
    Shape,
    Pick<CoordinateMethod<Options<Shape>>, 'balances' | 'combine' | 'combineInGraph'>
  >,
): MethodCall<Shape> & CoordinateMethod<Options<Shape>> {
  return define(definition);
}

function define<Shape extends OptionShape, Facts extends MethodDefinition<Shape, unknown>>(definition: Facts) {
  const { kind: name, options: shape } = definition;
  const call = ({ on, ...options }: { readonly on?: BalanceOn } = {}): BalanceOption => ({
    method: name,
    options,
    ...(on === undefined ? {} : { on }),
  });
  const options = optionsOf(name, shape);
  const build = (options: Readonly<Record<string, unknown>>): BalanceOption => ({ method: name, options });
  // A function's own name can be set in no other way.
  Object.defineProperty(call, 'name', { value: name });
  return Object.assign(call, definition, { options, build });
}

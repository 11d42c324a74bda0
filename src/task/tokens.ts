import type { ServiceIdentifier } from 'inversify';
import type { Randomness } from '../random/randomness.ts';
import type { BlockContext, HeadContext, StemContext } from './contract.ts';
import type { AnyTask } from './task.ts';

/** Makes a typed injection token. Equal names are equal tokens, so two copies of the package still meet. */
export function token<T>(name: string): ServiceIdentifier<T> {
  return Symbol.for(`banyan-ml:${name}`);
}

/** A plugin binds this once per task; all of them are collected. */
export const TASK: ServiceIdentifier<AnyTask> = token('TASK');

/** The following are bound in the child container in which one task's stem and head are made. */
export const WIDTH: ServiceIdentifier<number> = token('WIDTH');
export const RANDOM: ServiceIdentifier<Randomness> = token('RANDOM');
export const TASK_NAME: ServiceIdentifier<string> = token('TASK_NAME');
export const VARIABLES: ServiceIdentifier<Pick<BlockContext, 'variable' | 'asset' | 'settings' | 'penalty'>> =
  token('VARIABLES');
export const STEM_CONTEXT: ServiceIdentifier<StemContext> = token('STEM_CONTEXT');
export const HEAD_CONTEXT: ServiceIdentifier<HeadContext> = token('HEAD_CONTEXT');

import { Family, type Kind } from '../kind/index.ts';
import { token } from '../task/tokens.ts';
import * as builtIn from './built-in.ts';
import type { Trunk } from './trunk.ts';

/** A plugin binds a kind of trunk by this token; several may. */
export const TRUNK_KIND = token<Kind<Trunk>>('TRUNK_KIND');

/** All kinds of trunk. */
export const trunkKinds = new Family<Trunk>('trunk', TRUNK_KIND, Object.values(builtIn));

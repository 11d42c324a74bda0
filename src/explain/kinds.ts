import { Family, type Kind } from '../kind/index.ts';
import { token } from '../task/tokens.ts';
import * as builtIn from './built-in.ts';
import type { Method } from './method.ts';

/** A plugin binds a kind of explanation by this token; several may. */
export const EXPLANATION_KIND = token<Kind<Method>>('EXPLANATION_KIND');

/** All kinds of explanation. */
export const explanationKinds = new Family<Method>('explanation', EXPLANATION_KIND, Object.values(builtIn));

import { Family, type Kind } from '../kind/index.ts';
import { token } from '../task/tokens.ts';
import * as builtIn from './built-in.ts';
import type { Loss } from './loss.ts';

/** A plugin binds a kind of loss by this token; several may. */
export const LOSS_KIND = token<Kind<Loss>>('LOSS_KIND');

/** All kinds of loss. */
export const lossKinds = new Family<Loss>('loss', LOSS_KIND, Object.values(builtIn));

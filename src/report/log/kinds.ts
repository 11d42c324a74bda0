import { Family, type Kind } from '../../kind/index.ts';
import { token } from '../../task/tokens.ts';
import * as builtIn from './built-in.ts';
import type { Logger } from './logger.ts';

/** A plugin binds a kind of logger by this token; several may. */
export const LOGGER_KIND = token<Kind<Logger>>('LOGGER_KIND');

/** All kinds of logger. */
export const loggerKinds = new Family<Logger>('logger', LOGGER_KIND, Object.values(builtIn));

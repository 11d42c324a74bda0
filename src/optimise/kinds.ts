import { Family, type Kind } from '../kind/index.ts';
import { token } from '../task/tokens.ts';
import type { Average } from './averages/average.ts';
import * as averages from './averages/built-in.ts';
import * as optimizers from './built-in-optimizers.ts';
import * as schedules from './built-in-schedules.ts';
import type { Optimizer } from './optimizer.ts';
import type { Schedule } from './schedule.ts';

/** A plugin binds a kind of optimiser by this token; several may. */
export const OPTIMIZER_KIND = token<Kind<Optimizer>>('OPTIMIZER_KIND');
/** A plugin binds a kind of schedule by this token; several may. */
export const SCHEDULE_KIND = token<Kind<Schedule>>('SCHEDULE_KIND');
/** A plugin binds a kind of average of weights by this token; several may. */
export const AVERAGE_KIND = token<Kind<Average>>('AVERAGE_KIND');

/** All kinds of optimiser. */
export const optimizerKinds = new Family<Optimizer>('optimizer', OPTIMIZER_KIND, Object.values(optimizers));
/** All kinds of schedule. */
export const scheduleKinds = new Family<Schedule>('schedule', SCHEDULE_KIND, Object.values(schedules));
/** All kinds of average of weights. */
export const averageKinds = new Family<Average>('average', AVERAGE_KIND, Object.values(averages));

import { Family, type Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { token } from '../../task/tokens.ts';
import * as builtIn from './built-in.ts';

/** A plugin binds a kind of metric by this token; several may. */
export const METRIC_KIND = token<Kind<Metric>>('METRIC_KIND');

/** All kinds of metric. Each builds a metric anew, since a metric adds up what it sees and belongs to one head. */
export const metricKinds = new Family<Metric>('metric', METRIC_KIND, Object.values(builtIn));

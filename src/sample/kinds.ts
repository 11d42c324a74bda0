import { Family, type Kind } from '../kind/index.ts';
import { token } from '../task/tokens.ts';
import * as samplers from './built-in.ts';
import type { Sampler } from './sampler.ts';

/** A plugin binds a kind of sampler by this token; several may. */
export const SAMPLER_KIND = token<Kind<Sampler>>('SAMPLER_KIND');

/** All kinds of sampler. */
export const samplerKinds = new Family<Sampler>('sampler', SAMPLER_KIND, Object.values(samplers));

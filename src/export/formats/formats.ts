import type { Format } from './format.ts';
import { savedModel } from './saved-model.ts';
import { tfjs } from './tfjs.ts';

/** The forms in which a network leaves. */
export const FORMATS = [savedModel, tfjs] as const satisfies readonly Format[];

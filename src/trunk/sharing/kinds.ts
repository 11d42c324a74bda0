import { Family, type Kind } from '../../kind/index.ts';
import { token } from '../../task/tokens.ts';
import * as builtIn from './built-in.ts';
import type { ShareTrunk } from './soft.ts';

/** A plugin binds a kind of sharing by this token; several may. */
export const SHARING_KIND = token<Kind<ShareTrunk>>('SHARING_KIND');

/** All kinds of soft sharing. */
export const sharingKinds = new Family<ShareTrunk>('sharing', SHARING_KIND, Object.values(builtIn));

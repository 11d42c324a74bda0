import { BanyanError } from '../error.ts';
import { didYouMean, listed } from '../nearest.ts';
import { type NetworkBody, type NetworkVariable, scopesOf } from '../network/index.ts';
import { columnScope, isBelow, isLateral } from '../scope.ts';

/** A weight of the network that is to begin with another's. */
export interface Target {
  /** Its name in a map: `trunk/…`, `stem/…` or `head/…`, whatever the number of the column and the name of the task. */
  readonly name: string;
  readonly variable: NetworkVariable;
}

type Body = Pick<NetworkBody, 'columns' | 'store'>;

/** A part of a network by its name: `trunk`, `stem/TASK`, `head/TASK`. */
interface Part {
  readonly name: string;
  readonly kind: string;
  readonly scope: string;
}

/**
 * Lists the weights of parts of the last column: `trunk`, without what earlier columns bring into it, `stem/TASK`, `head/TASK`.
 * @throws BanyanError `argument` for a part that there is not, or that is named twice.
 */
export function targetsOf(body: Body, parts: readonly string[]): readonly Target[] {
  const there = partsOf(body);
  const names = there.map(({ name }) => name);
  const unknown = parts.find((part) => !names.includes(part));
  if (unknown !== undefined || parts.length === 0 || new Set(parts).size < parts.length) {
    throw new BanyanError(
      'argument',
      `loadWeights: into must name parts of the network, each once, received ${parts.join(', ') || 'none'}. Expected one or more of: ${listed(names)}. ${unknown === undefined ? 'Name each once.' : didYouMean(unknown, names, 'Name one of these.')}`,
    );
  }
  return there.filter(({ name }) => parts.includes(name)).flatMap((part) => weightsOf(body, part));
}

function partsOf({ columns, store }: Body): readonly Part[] {
  const last = columns.length - 1;
  const scopes = new Set(columns[last]!.tasks.flatMap(({ input, scope }) => [...scopesOf(input), scope]));
  const ofTasks = [...scopes].map((scope) => ({ name: scope, kind: scope.slice(0, scope.indexOf('/')), scope }));
  return [{ name: 'trunk', kind: 'trunk', scope: columnScope(last) }, ...ofTasks].filter(
    ({ scope }) => store.of(scope).length > 0,
  );
}

const weightsOf = ({ store }: Body, { kind, scope }: Part): readonly Target[] =>
  store
    .of(scope)
    .filter((variable) => !isLateral(variable.scope) && !isWayIn(variable.name, scope))
    .map((variable) => ({ name: `${kind}${variable.name.slice(scope.length)}`, variable }));

/** Whether a stem's weight brings its tokens into an earlier column. */
const isWayIn = (name: string, scope: string): boolean =>
  isBelow(name, scope) && /^\/into-\d+\//.test(name.slice(scope.length));

import { BanyanError } from '../../error.ts';
import { changeExperiment, checkKinds, type LoadedExperiment } from '../../experiment/load.ts';
import type { SearchData } from '../../experiment/schema.ts';
import type { Settings } from '../../experiment/settings.ts';
import type { Bindings } from '../../kind/index.ts';
import { didYouMean, listed } from '../../nearest.ts';
import { show } from '../../show.ts';
import type { Choice, Distribution, StoredTrial } from './optuna/store.ts';

type Space = SearchData['space'];
type Domain = Space[string];

/** What cannot be searched: by a seed one finds luck. */
const FIXED = ['seed', 'training.seed', 'name', 'search', 'transfer'];

/** Says for each key what Optuna draws. */
export const distributionsOf = (space: Space): Readonly<Record<string, Distribution>> =>
  Object.fromEntries(Object.entries(space).map(([key, domain]) => [key, distributionOf(domain)]));

function distributionOf(domain: Domain): Distribution {
  if (Array.isArray(domain)) return ['categorical', { choices: domain.map(choiceOf) }];
  const [[kind, [low, high]]] = Object.entries(domain) as [[string, [number, number]]];
  return kind === 'int' ? ['int', { low, high }] : ['float', { low, high, log: kind === 'log' }];
}

/** Optuna knows single values alone: a section or a list goes to it as its JSON. */
const choiceOf = (value: unknown): Choice =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value) ? (value as Choice) : JSON.stringify(value);

/** Gives back what Optuna drew as values of an experiment. */
export const settingsOf = (space: Space, params: StoredTrial['params']): Settings =>
  Object.fromEntries(
    Object.entries(params).map(([key, drawn]) => {
      const domain = space[key];
      return [key, Array.isArray(domain) ? domain.find((value) => choiceOf(value) === drawn) : drawn];
    }),
  );

/** Says values of an experiment as Optuna has them. */
export const paramsOf = (space: Space, settings: Settings): StoredTrial['params'] =>
  Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      key,
      (Array.isArray(space[key]) ? choiceOf(value) : value) as Choice,
    ]),
  );

/**
 * Checks that each key is one of the experiment and may have each value: those of a list, and both ends of an interval.
 * @throws BanyanError `experiment` that names the key and the value.
 */
export function checkSpace(loaded: LoadedExperiment, space: Space, bindings: Bindings): void {
  for (const [key, domain] of Object.entries(space)) {
    const fail = (text: string, cause?: unknown): never => {
      throw new BanyanError('experiment', `${loaded.place(['search', 'space', key])}: search.space.${key} ${text}`, {
        cause,
      });
    };
    if (FIXED.some((fixed) => key === fixed || key.startsWith(`${fixed}.`)))
      fail('cannot be searched, expected a key that changes how the network is trained. Remove it.');
    const names = Object.keys(loaded.experiment.tasks);
    const [section, task] = key.split('.');
    if (section === 'tasks' && task !== undefined && !names.includes(task))
      fail(`names no task, expected one of: ${listed(names)}. ${didYouMean(task, names, 'Correct the name.')}`);
    for (const value of edgesOf(domain)) {
      try {
        checkKinds(changeExperiment(loaded, { [key]: value }), bindings);
      } catch (error) {
        if (!(error instanceof BanyanError)) throw error;
        const [first = ''] = error.message.split('\n');
        fail(`may be ${show(value)}, which is wrong: ${first.slice(first.indexOf(': ') + 2)}`, error);
      }
    }
  }
}

function edgesOf(domain: Domain): readonly unknown[] {
  return Array.isArray(domain) ? domain : Object.values(domain as Record<string, readonly number[]>)[0]!;
}

/** Says settings in words: `trunk.width 64, training.balance pcgrad`. */
export const settingWords = (settings: Settings): string =>
  Object.entries(settings)
    .map(([key, value]) => `${key} ${valueWords(value)}`)
    .join(', ');

/** Names keys by their last words, as few as tell them apart: there is little room in tables and pictures. */
export function shortNames(keys: readonly string[]): ReadonlyMap<string, string> {
  const tail = (key: string, words: number) => key.split('.').slice(-words).join('.');
  return new Map(
    keys.map((key) => {
      let words = 1;
      while (keys.some((other) => other !== key && tail(other, words) === tail(key, words))) words++;
      return [key, tail(key, words)];
    }),
  );
}

/** Says a value in a few letters. */
export const valueWords = (value: unknown): string =>
  typeof value === 'number' ? String(Number(value.toPrecision(3))) : typeof value === 'string' ? value : show(value);

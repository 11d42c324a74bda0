import { isDeepStrictEqual } from 'node:util';
import { BanyanError } from '../../error.ts';
import { isBelow, parseScope, splitKey } from '../../scope.ts';
import { show } from '../../show.ts';
import type { Json } from '../../task/contract.ts';

/** This text stands for a function that does not say what made it. */
const UNKNOWN = '(a function)';

/** Turns options into what is saved: equal options give equal data. */
export function dataOf(value: unknown): Json {
  if (typeof value === 'function') return 'config' in value ? dataOf(value.config) : UNKNOWN;
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : String(value); // No -0.
  if (ArrayBuffer.isView(value)) return Array.from(value as Float32Array, dataOf);
  if (Array.isArray(value)) return value.map(dataOf);
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? String(value) : (value as Json);
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, entry]) => [key, dataOf(entry)]));
}

/** Says whether options hold a function that does not say what made it. */
export const isUnknown = (data: Json): boolean =>
  data === UNKNOWN || (typeof data === 'object' && data !== null && Object.values(data).some(isUnknown));

/** The place where two options differ, and what stands there. */
interface Difference {
  readonly name: string;
  readonly before: unknown;
  readonly now: unknown;
}

/** Finds the first difference; in long lists and records, the first of their entries. */
function differenceOf(name: string, before: unknown, now: unknown): Difference | undefined {
  if (isDeepStrictEqual(before, now)) return undefined;
  const short = [before, now].every((value) => !show(value).endsWith('…'));
  if (short || !isRecord(before) || !isRecord(now)) return { name, before, now };
  const keys = new Set([...Object.keys(before), ...Object.keys(now)]);
  for (const key of keys) {
    const inside = Array.isArray(before) ? `${name}[${key}]` : `${name}.${key}`;
    const difference = differenceOf(inside, before[key], now[key]);
    if (difference !== undefined) return difference;
  }
  return { name, before, now };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Whose the settings of a scope are, as an error begins: `Task "a": its head's `. */
function whose(scope: string): string {
  const parsed = parseScope(scope);
  if (parsed === undefined || parsed.kind === 'column') return `${scope}: `;
  const { task, kind, input } = parsed;
  return kind === 'task' ? `Task "${task}": its ` : `Task "${task}": its ${kind}${quoted(input)}'s `;
}

/** @throws BanyanError `checkpoint` for a setting that is not as it was saved. */
export function assertAsSaved(scope: string, name: string, saved: Json, now: Json): void {
  const difference = differenceOf(name, saved, now);
  if (difference === undefined) return;
  throw new BanyanError(
    'checkpoint',
    `${whose(scope)}${difference.name} was ${show(difference.before)} when the network was saved, and is ${show(difference.now)} now, expected the same: its weights mean what they were trained for. Set ${name} back, or train a new network.`,
  );
}

/** What two networks say of themselves. */
interface Described {
  readonly columns: readonly { readonly trunk: Json }[];
  readonly assets: Readonly<Record<string, Json>>;
}

/**
 * Compares a network with a checkpoint of its training, as far as both say what they are made of.
 * @throws BanyanError `checkpoint` for a trunk, or for an option of a stem, head or block, that is another one now.
 */
export function assertSameSettings(path: string, saved: Described, now: Described): void {
  const fail = (owner: string, { name, before, now }: Difference) => {
    throw new BanyanError(
      'checkpoint',
      `${owner}${name} was ${show(before)} when ${path} was written, and is ${show(now)} now: the run would not end with the same bits. Set it back, or load the network and train it anew.`,
    );
  };
  for (const [i, { trunk }] of saved.columns.entries()) {
    const difference = differenceOf('trunk', trunk, dataOf(now.columns[i]?.trunk));
    if (difference !== undefined && i in now.columns) fail(`Column ${i}: its `, difference);
  }
  for (const [key, before] of Object.entries(saved.assets)) {
    if (!(key in now.assets)) continue;
    const { scope, name } = splitKey(key);
    const difference = differenceOf(name, before, now.assets[key]);
    if (difference !== undefined) fail(whose(scope), difference);
  }
}

/** Lists the stems, heads and single settings of which nothing can tell whether they are as before. */
export function uncompared(scopes: readonly string[], assets: Readonly<Record<string, Json>>): readonly string[] {
  return scopes.flatMap((scope) => {
    const settings = Object.entries(assets).filter(([key]) => isBelow(key, scope));
    if (settings.length === 0) return [inWords(scope)];
    return settings
      .filter(([, data]) => isUnknown(data))
      .map(([key]) => `${key.slice(scope.length + 1)} of ${inWords(scope)}`);
  });
}

/** What a stem or head is called in a sentence. */
function inWords(scope: string): string {
  const parsed = parseScope(scope);
  if (parsed?.kind !== 'stem' && parsed?.kind !== 'head') return scope;
  return `the ${parsed.kind}${quoted(parsed.input)} of task "${parsed.task}"`;
}

const quoted = (input: string | undefined): string => (input === undefined ? '' : ` "${input}"`);

import type { SearchData } from '../../../experiment/schema.ts';
import type { Settings } from '../../../experiment/settings.ts';
import type { RandomStream } from '../../../random/index.ts';

type Space = SearchData['space'];
type Domain = Space[string];
type Interval = Exclude<Domain, readonly unknown[]>;

/** By these a number is perturbed. */
const FACTORS = [0.8, 1.2];

const isList = (domain: Domain): domain is Exclude<Domain, Interval> => Array.isArray(domain);
const endsOf = (interval: Interval) => Object.values(interval).find((ends) => ends !== undefined) as [number, number];

/** Draws the settings with which a member begins. */
export const drawSettings = (space: Space, random: RandomStream): Settings =>
  Object.fromEntries(Object.entries(space).map(([key, domain]) => [key, draw(domain, random)]));

function draw(domain: Domain, random: RandomStream): unknown {
  if (isList(domain)) return domain[random.integer(domain.length)];
  const [low, high] = endsOf(domain);
  if (domain.int !== undefined) return low + random.integer(high - low + 1);
  const at = random.uniform();
  return domain.log === undefined
    ? low + at * (high - low)
    : within(Math.exp(Math.log(low) + at * Math.log(high / low)), low, high);
}

/**
 * Perturbs settings that were taken over from another member (Jaderberg et al. 2017, section 4.1.1): each number becomes 0.8 or 1.2 times
 * what it was, within its interval, a whole one at least one more or less; of a list it becomes the value before or the one behind.
 */
export const perturb = (space: Space, settings: Settings, random: RandomStream): Settings =>
  Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [key, perturbed(space[key]!, value, random.integer(2))]),
  );

/** `way`: 0 for less or before, 1 for more or behind. */
function perturbed(domain: Domain, value: unknown, way: number): unknown {
  if (isList(domain)) return domain[within(domain.indexOf(value) + 2 * way - 1, 0, domain.length - 1)];
  const [low, high] = endsOf(domain);
  const next = (value as number) * FACTORS[way]!;
  if (domain.int === undefined) return within(next, low, high);
  const [less, more] = [
    Math.min((value as number) - 1, Math.round(next)),
    Math.max((value as number) + 1, Math.round(next)),
  ];
  return within(way === 0 ? less : more, low, high);
}

const within = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

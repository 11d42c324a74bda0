import { solvePositive } from '../../balance/linear/cholesky.ts';
import { checkOptions, count, optionsOf, wholeNumber } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import type { Kind } from '../../kind/index.ts';
import { RandomStream } from '../../random/index.ts';
import { countPlaces, type Method, type Point, type Subject } from '../method.ts';

export interface KernelShapOptions {
  /** So many sets of places are asked for, unless there are no more in all. Default 2048. */
  readonly sets?: number;
  /** The seed by which they are drawn, where not all are asked for. Default 0. */
  readonly seed?: number;
}

const schema = optionsOf('kernel-shap', {
  sets: count.default(2048).describe('sets of places that are asked for, unless there are no more'),
  seed: wholeNumber(0).default(0).describe('seed by which sets are drawn'),
});

/** Of more places, each set tells too little. */
const MOST = 64;

/** A set of places that keep the example's numbers, and how much it counts. */
interface Coalition {
  readonly members: readonly boolean[];
  readonly weight: number;
}

/**
 * Makes Kernel SHAP (Lundberg and Lee 2017, section 4.1 and theorem 2): the Shapley values of the places, by a weighted least-squares fit of
 * the outputs where only a set of the places has the example's numbers and the others have those of a baseline, in the mean over the baselines. With all sets the
 * values are exact; else sets are drawn by their weights, each with its complement. They sum up to the difference of the outputs.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function kernelShap(options: KernelShapOptions = {}): Method {
  const { sets, seed } = checkOptions('kernelShap', schema, options);
  return {
    kind: 'kernel-shap',
    complete: true,
    attribute: async (subject) => {
      const places = subject.parts.reduce((sum, part) => sum + countPlaces(part), 0);
      if (places < 2 || places > MOST) {
        throw new BanyanError(
          'argument',
          `kernel-shap: the example has ${places} places, expected 2 to ${MOST}, such as the columns of a table. Choose another method.`,
        );
      }
      const coalitions =
        2 ** places - 2 <= sets
          ? allSets(places)
          : drawSets(places, sets, new RandomStream(seed, 'explain/kernel-shap'));
      const values = await shapley(subject, coalitions);
      let from = 0;
      return subject.parts.map((part) => values.slice(from, (from += countPlaces(part))));
    },
  };
}

/** All sets but the empty and the full one, by the Shapley kernel. */
function allSets(places: number): readonly Coalition[] {
  return Array.from({ length: 2 ** places - 2 }, (_, i) => {
    const members = Array.from({ length: places }, (__, place) => (((i + 1) >> place) & 1) === 1);
    const size = members.filter(Boolean).length;
    return { members, weight: (places - 1) / (choose(places, size) * size * (places - size)) };
  });
}

/** Draws sizes by the sum of their sets' weights, and of each size all sets alike; each set comes with its complement. */
function drawSets(places: number, count: number, random: RandomStream): readonly Coalition[] {
  const shares = Array.from({ length: places - 1 }, (_, i) => 1 / ((i + 1) * (places - 1 - i)));
  const total = shares.reduce((a, b) => a + b, 0);
  return Array.from({ length: Math.ceil(count / 2) }, () => {
    let left = random.uniform() * total;
    const size = 1 + shares.findIndex((share, i) => (left -= share) < 0 || i === places - 2);
    const order = Array.from({ length: places }, (_, place) => place);
    for (let i = 0; i < size; i++) {
      const other = i + random.integer(places - i);
      [order[i], order[other]] = [order[other]!, order[i]!];
    }
    const chosen = new Set(order.slice(0, size));
    const members = order.map((_, place) => chosen.has(place));
    return [
      { members, weight: 1 },
      { members: members.map((member) => !member), weight: 1 },
    ];
  }).flat();
}

const choose = (n: number, k: number): number =>
  Array.from({ length: k }, (_, i) => (n - i) / (i + 1)).reduce((a, b) => a * b, 1);

/** Fits the outputs; the last value is what the others leave of the difference, so that the sum is kept. */
async function shapley(subject: Subject, coalitions: readonly Coalition[]): Promise<Float64Array> {
  const { baselines, input } = subject;
  const size = baselines.length;
  const asked = [[], ...coalitions.map(({ members }) => members)];
  const outputs = await subject.outputs(1 + asked.length * size, (i) =>
    i === asked.length * size ? input : mixed(subject, baselines[i % size]!, asked[Math.floor(i / size)]!),
  );
  const means = asked.map((_, s) => outputs.subarray(s * size, (s + 1) * size).reduce((sum, x) => sum + x / size, 0));
  const [none, ...some] = means;
  const difference = outputs.at(-1)! - none!;
  const free = coalitions[0]!.members.length - 1;
  const matrix = Array.from({ length: free }, () => new Array<number>(free).fill(0));
  const right = new Float64Array(free);
  for (const [s, { members, weight }] of coalitions.entries()) {
    const last = Number(members[free]);
    const row = members.slice(0, free).map((member) => Number(member) - last);
    const rest = some[s]! - none! - last * difference;
    for (const [i, a] of row.entries()) {
      right[i]! += weight * a * rest;
      for (const [j, b] of row.entries()) matrix[i]![j]! += weight * a * b;
    }
  }
  const values = solvePositive(matrix, right);
  if (values === undefined) {
    throw new BanyanError(
      'argument',
      `kernel-shap: ${coalitions.length} sets do not tell ${free + 1} places apart, expected several times as many. Raise \`sets\`.`,
    );
  }
  return Float64Array.from([...values, difference - values.reduce((a, b) => a + b, 0)]);
}

/** A baseline with the example's numbers at the places of a set; an empty list is the baseline itself. */
function mixed({ parts, input }: Subject, baseline: Point, members: readonly boolean[]): Point {
  let from = 0;
  return parts.map((part, p) => {
    const numbers = baseline[p]!.slice();
    const places = countPlaces(part);
    const size = numbers.length / places;
    for (let place = 0; place < places; place++) {
      if (members[from + place]) numbers.set(input[p]!.subarray(place * size, (place + 1) * size), place * size);
    }
    from += places;
    return numbers;
  });
}

/** `kernelShap`, as files name it. */
export const kernelShapKind: Kind<Method, KernelShapOptions> = {
  kind: 'kernel-shap',
  about: 'The Shapley values of the places, by asking the network about sets of them; for the columns of a table.',
  options: schema,
  build: kernelShap,
};

import { BanyanError } from '../error.ts';
import { type AnyNetwork, type BuiltTask, decodeOutput, internals, pickInput } from '../network/index.ts';
import type { CompileMode } from '../runtime/index.ts';
import { show } from '../show.ts';
import { blaming } from '../task/blame.ts';
import type { AttributedPart, Attribution, Completeness } from './attribution.ts';
import { COMPLETE, countPlaces, type Method, type SubjectPart } from './method.ts';
import { integratedGradients } from './methods/integrated-gradients.ts';
import type { Baseline, Examined } from './subject/examine.ts';
import type { Level } from './subject/exchange.ts';
import { openSubject } from './subject/open.ts';

/** A difference below this part of the outputs is rounding. */
const ROUNDING = 1e-4;

/** Options of `attribute`. */
export interface AttributeOptions {
  /** The name of the task. */
  readonly task: string;
  /** Raw inputs, as `predict` takes them. */
  readonly inputs: readonly unknown[];
  /** Default `integratedGradients()`. */
  readonly method?: Method;
  /**
   * - `input`: the numbers that the stem looks at: a picture's, a spectrogram's, the vectors of words, the cells of a row.
   * - `tokens`: the stem's tokens, as they enter the trunk.
   *
   * Default: the input where there are such numbers, and else the tokens.
   */
  readonly at?: Level;
  /**
   * Which number of the head's output: its number or its name, such as a class's; of a head that writes the position of a symbol that it has
   * written, or that symbol. Default: the largest; the first symbol.
   */
  readonly outcome?: number | string;
  /** What examples are compared with: `zeros`, or other raw inputs. Default `zeros`, which for standardised numbers is their mean. */
  readonly baseline?: Baseline;
  /** Default `auto`. */
  readonly compile?: CompileMode;
  /** It is told how many examples are done, and how many points of the next one were computed. */
  readonly onProgress?: (progress: { readonly examples: number; readonly points: number }) => void;
}

/**
 * Says for each of these inputs how much each of its places counts for one number that the network makes of it, by one method. It warns where
 * a method whose values sum up to the difference of two outputs misses that by more than 1 %.
 * @throws BanyanError as `Network.predict`; `argument` for an outcome that there is not, and for a method that does not apply; `plugin` for
 * a head whose output is no list of numbers.
 */
export async function attribute(network: AnyNetwork, options: AttributeOptions): Promise<readonly Attribution[]> {
  const { inputs } = options;
  const { body, lease } = internals(network);
  if (!Array.isArray(inputs)) {
    throw new BanyanError(
      'argument',
      `attribute takes a list of inputs, received ${show(inputs)}. Put a single input into a list.`,
    );
  }
  return lease.use(async () => {
    const attributions: Attribution[] = [];
    for (const [i, raw] of inputs.entries()) {
      attributions.push(await attributeOne(body, body.task(options.task), raw, i, options));
    }
    return attributions;
  });
}

async function attributeOne(
  body: Examined['body'],
  task: BuiltTask,
  raw: unknown,
  i: number,
  options: AttributeOptions,
): Promise<Attribution> {
  const { method = integratedGradients(), baseline = 'zeros', compile = 'auto', onProgress } = options;
  const place = `input ${i}`;
  assertCompares(task, method, baseline);
  const level = levelOf(task, method, options.at);
  const { examined, outcome, probe } = await openSubject(body, task, raw, {
    ...{ outcome: options.outcome, level, baseline, compile, place },
    onPoints: (points) => onProgress?.({ examples: i, points }),
  });
  const values = await method.attribute(probe);
  const [output, ...others] = await probe.outputs(1 + probe.baselines.length, (at) =>
    at === 0 ? probe.input : probe.baselines[at - 1]!,
  );
  const baselineOutput = others.reduce((sum, value) => sum + value / others.length, 0);
  const completeness = method.complete ? completenessOf(values, output!, baselineOutput) : undefined;
  if (completeness !== undefined) warnWhereIncomplete(task, method, completeness, output!, place);
  const prediction = decodeOutput(task, examined.output, place);
  const explanation = task.head.explain?.(prediction, undefined);
  onProgress?.({ examples: i + 1, points: 0 });
  return {
    task: task.name,
    method: method.kind,
    at: examined.level,
    ...(explanation === undefined ? {} : { explanation }),
    outcome,
    ...(method.alone ? {} : { comparedWith: baseline === 'zeros' ? baseline : baseline.examples.length }),
    output: output!,
    baselineOutput,
    ...(completeness === undefined ? {} : { completeness }),
    parts: probe.parts.map((part, p) => ({
      ...attributedPart(part, values[p]!, method),
      ...placesOf(examined, raw, p),
    })),
  };
}

function levelOf(task: BuiltTask, method: Method, wanted: Level | undefined): Level | undefined {
  if (method.at === undefined || wanted === undefined || wanted === method.at) return method.at ?? wanted;
  throw new BanyanError(
    'argument',
    `Task "${task.name}": ${method.kind} speaks of ${method.at}, received at: ${show(wanted)}. Leave \`at\` out.`,
  );
}

function assertCompares(task: BuiltTask, { kind, alone }: Method, baseline: Baseline): void {
  if (baseline === 'zeros') return;
  const { length } = baseline.examples;
  if (!alone && length > 0) return;
  throw new BanyanError(
    'argument',
    alone
      ? `Task "${task.name}": ${kind} looks at the example alone, received a baseline. Leave it out, or choose integrated-gradients, occlusion or kernel-shap.`
      : `Task "${task.name}": expected at least one example as baseline, received none. Give one, or leave the baseline out.`,
  );
}

/** A value for each place, and those of its numbers where there are several. */
function attributedPart(part: SubjectPart, values: Float64Array, { together }: Method): AttributedPart {
  const places = countPlaces(part);
  const size = values.length / places;
  const sums = Float64Array.from({ length: places }, (_, place) => {
    const own = values.subarray(place * size, (place + 1) * size);
    return size > 1 && together === 'norm' ? Math.hypot(...own) : own.reduce((a, b) => a + b, 0);
  });
  return {
    ...(part.name === undefined ? {} : { name: part.name }),
    shape: part.shape.slice(0, part.axes),
    values: sums,
    ...(size === 1 ? {} : { numbers: { shape: part.shape, values } }),
  };
}

function placesOf({ task, level }: Examined, raw: unknown, p: number): Pick<AttributedPart, 'places'> {
  const part = task.input.parts[p]!;
  const { implementation, scope } = part.stem;
  const input = pickInput(task.name, task.input, part, raw, 'an example');
  const places = blaming(`${scope}: places()`, 'places, or nothing', () => implementation.places?.(input, level));
  return places === undefined ? {} : { places };
}

function completenessOf(values: readonly Float64Array[], output: number, baselineOutput: number): Completeness {
  const sum = values.reduce((all, part) => part.reduce((a, b) => a + b, all), 0);
  const difference = output - baselineOutput;
  const gap = Math.abs(sum - difference);
  return { sum, difference, error: gap === 0 ? 0 : gap / Math.abs(difference) };
}

function warnWhereIncomplete(
  { name }: BuiltTask,
  { kind }: Method,
  { sum, difference, error }: Completeness,
  output: number,
  place: string,
): void {
  if (error <= COMPLETE || Math.abs(sum - difference) <= ROUNDING * Math.max(1, Math.abs(output))) return;
  process.emitWarning(
    `Task "${name}": the values of ${kind} for ${place} sum up to ${sum.toPrecision(4)}, and the outputs differ by ${difference.toPrecision(4)}: they miss ${Number((100 * error).toPrecision(2))} % of it, expected at most 1 %. Give the method more steps, or an example as baseline.`,
    'BanyanWarning',
  );
}

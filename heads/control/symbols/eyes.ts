import { BanyanError, type EnvironmentFactory } from 'banyan-ml';
import type { SourceContext } from 'banyan-ml/data';
import { check, count, RandomStream } from 'banyan-ml/plugin';
import { World } from '../world.ts';
import { lessonOf } from './relations.ts';
import type { Code } from './salience.ts';
import type { Seeing } from './seeing.ts';
import { type Frame, LIKELY, Sight, type SightedObject } from './sight.ts';
import { Tracker } from './tracking.ts';

export interface EyesOptions {
  /** The name of the task whose `reconstruction` head gives codes of what the environment observes. It is not trained any more. */
  readonly task: string;
  /** Names for the kinds that are found: first for the one that acts. Further kinds count as the last. */
  readonly kinds: readonly string[];
  /** The `pool` of that task's stem. Default 2. */
  readonly pool?: number;
}

/** What eyes are to know of a game is found in so many episodes of at most so many steps, played at random. */
const [EPISODES, STEPS] = [4, 100];
/** Neighbours are at most so many cells away: those beside, also across a corner. */
const NEAR = 1.5;
/** Whether the eyes are still the same is looked at after every so many glances. */
const GLANCES = 20;
/** Eyes that are unsure in a larger share of what they see are warned of: of 40, the good ones were so in at most 0.005, and most bad ones in 0.03 and more. */
const UNSURE = 0.01;
/** Numbers of a code that differ by more, as a share of the largest, are no rounding. */
const DIFFERENT = 1e-3;

/** Sees the objects of an environment in its pictures, through the eyes of another task. */
export function throughEyes(
  { task, kinds, pool = 2 }: EyesOptions,
  {
    environment,
    seed,
    whose,
  }: { readonly environment: EnvironmentFactory; readonly seed: number; readonly whose: string },
): Seeing {
  check('eyes', { pool }, count);
  check('eyes', { kinds: kinds.length }, count);
  const shape = environment().observationShape;
  const [height, width] = [0, 1].map((axis) => Math.ceil((shape[axis] ?? 0) / pool)) as [number, number];
  if (shape.length !== 3) {
    throw new BanyanError(
      'argument',
      `eyes: task "${whose}" has an environment that observes [${shape.join(', ')}], expected a picture [height, width, channels]. Let it observe one, or leave out eyes.`,
    );
  }

  async function codesOf(pictures: readonly Float32Array[], context: SourceContext): Promise<readonly Code[]> {
    const outputs = await context.predict(task, pictures);
    return outputs.map((output) => {
      const values: unknown = (output as { readonly code?: unknown }).code;
      const channels = values instanceof Float32Array ? values.length / (height * width) : Number.NaN;
      if (Number.isInteger(channels)) return { height, width, channels, values: values as Float32Array };
      throw new BanyanError(
        'argument',
        `eyes: task "${task}" gives no code of ${height} x ${width} pixels, expected one whose head is reconstruction, over pictures of ${shape.join(' x ')} and a codeStem with pool ${pool}. Name such a task.`,
      );
    });
  }

  /** A game played at random, as it looks. */
  function watch(): { readonly pictures: readonly Float32Array[]; readonly begins: readonly boolean[] } {
    const world = new World(environment, whose);
    const random = new RandomStream(seed, 'first sight');
    const [pictures, begins]: [Float32Array[], boolean[]] = [[], []];
    for (let episode = 0; episode < EPISODES; episode++) {
      world.reset(random);
      for (let step = 0; step <= STEPS; step++) {
        pictures.push(world.look());
        begins.push(step === 0);
        if (world.over || step === STEPS) break;
        world.step(random.integer(world.environment.actions.length), random);
      }
    }
    return { pictures, begins };
  }

  let known: { readonly sight: Sight; readonly picture: Float32Array; readonly code: Code } | undefined;
  let glances = 0;

  async function open(context: SourceContext): Promise<Sight> {
    // A training that begins, and an evaluation, may be of another network than before.
    const first = context.step === 0;
    if (known !== undefined && !first && ++glances % GLANCES !== 1) return known.sight;
    if (known !== undefined) {
      const [code] = await codesOf([known.picture], context);
      if (isSame(known.code.values, code!.values)) return known.sight;
      if (!first) {
        throw new BanyanError(
          'data',
          `The eyes of task "${whose}" have changed since it knows what they see. Expected task "${task}" to be trained no more. Train it first, and add this task as a column.`,
        );
      }
    }
    const { pictures, begins } = watch();
    const codes = await codesOf(pictures, context);
    const sight = Sight.of(codes.map((code, i): Frame => ({ code, begins: begins[i]! })));
    if (sight === undefined) {
      throw new BanyanError(
        'data',
        `The eyes of task "${whose}" see nothing that moves in ${pictures.length} pictures of a game that is played at random. Expected trained eyes, and one who acts. Train task "${task}" for longer, before this one.`,
      );
    }
    if (sight.unsure > UNSURE) {
      process.emitWarning(
        `The eyes of task "${whose}" lose sight of the one that acts, or see something else move, in ${(100 * sight.unsure).toFixed(1)} % of what they see of a game that is played at random. Expected at most ${100 * UNSURE} %. What is learned through them will be poor: train task "${task}" anew with another seed.`,
        'BanyanWarning',
      );
    }
    known = { sight, picture: pictures[0]!, code: codes[0]! };
    return sight;
  }

  function isSame(before: Float32Array, now: Float32Array): boolean {
    const scale = DIFFERENT * Math.max(...before.map(Math.abs));
    return before.length === now.length && before.every((value, i) => Math.abs(value - now[i]!) <= scale);
  }

  return {
    types: kinds,
    // Its pictures are as large as what is observed.
    boxOf: (object) => {
      const { at } = object as SightedObject;
      const middle = (place: number) => (place + 0.5) * pool;
      return { row: middle(at.row), column: middle(at.column), size: known!.sight.step * pool };
    },
    look: async (worlds, context) => {
      const sight = await open(context);
      const codes = await codesOf(
        worlds.map((world) => world.look()),
        context,
      );
      return codes.map((code) => sight.see(code, kinds.length));
    },
    lesson: (before, after, outcome) => {
      const { vanished } = new Tracker({ near: NEAR, least: LIKELY }).follow(before, after);
      return lessonOf(before, after, outcome, vanished);
    },
  };
}

import type { Mark, Source } from 'banyan-ml';
import { RandomStream } from 'banyan-ml/plugin';
import type { PlayOptions } from './episodes.ts';
import { World } from './world.ts';

/** So many steps are shown: what a person watches in under a minute, and a training can wait for. */
const STEPS = 400;
const PER_SECOND = 12;
/** Where there is something to read in each. */
const SLOWLY = 3;

/** Makes a source's `demonstrate`: one episode as a film, with a seed that no other episode has. An environment that cannot be drawn has none. */
export function demonstrating<Input>({
  environment,
  task,
  look,
  player,
  limit,
  seed,
}: PlayOptions<Input>): Pick<Source<never, never>, 'demonstrate'> {
  if (environment().draw === undefined) return {};
  return {
    demonstrate: async (index, context) => {
      const world = new World(environment, task);
      const random = new RandomStream(seed, `shown episode ${index}`);
      world.reset(random);
      const draw = () => world.environment.draw!();
      const { width, height, rgb } = draw();
      const frames = [rgb];
      const act = player();
      let [sum, reward] = [0, 0];
      // What was reached in a frame, and the move that leads to the next one.
      const captions: string[] = [];
      const marks: (readonly Mark[])[] = [];
      const most = Math.min(limit, STEPS);
      while (!world.over && frames.length <= most) {
        const [input] = await look([world], context);
        const [output] = await context.predict(task, [input]);
        const { action, why, marks: point } = act(output!, random, { input, reward });
        if (point !== undefined) marks.push(point());
        captions.push(`return ${tidy(sum)}, then ${world.environment.actions[action]}${why ? `: ${why}` : ''}`);
        reward = world.step(action, random);
        sum += reward;
        frames.push(draw().rgb);
      }
      captions.push(`return ${tidy(sum)}`);
      const length = frames.length - 1;
      const words = `return ${tidy(sum)} in ${world.over ? '' : 'the first '}${length} steps`;
      const pointed = marks.length === 0 ? {} : { marks: [...marks, []] };
      const perSecond = marks.length === 0 ? PER_SECOND : SLOWLY;
      return { display: [{ kind: 'film', width, height, frames, captions, perSecond, ...pointed }], words };
    },
  };
}

const tidy = (value: number): string => String(Number(value.toFixed(2)));

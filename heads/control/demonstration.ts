import type { Source } from 'banyan-ml';
import { RandomStream } from 'banyan-ml/plugin';
import type { PlayOptions } from './episodes.ts';
import { World } from './world.ts';

/** So many steps are shown: what a person watches in under a minute, and a training can wait for. */
const STEPS = 400;
const PER_SECOND = 12;

/** Makes a source's `demonstrate`: one episode as a film, with a seed that no other episode has. An environment that cannot be drawn has none. */
export function demonstrating({
  environment,
  task,
  act,
  limit,
  seed,
}: PlayOptions): Pick<Source<never, never>, 'demonstrate'> {
  if (environment().draw === undefined) return {};
  return {
    demonstrate: async (index, context) => {
      const world = new World(environment, task);
      const random = new RandomStream(seed, `shown episode ${index}`);
      world.reset(random);
      const draw = () => world.environment.draw!();
      const { width, height, rgb } = draw();
      const frames = [rgb];
      let sum = 0;
      const captions = [''];
      const most = Math.min(limit, STEPS);
      while (!world.over && frames.length <= most) {
        const [output] = await context.predict(task, [world.look()]);
        const { action } = act(output!, random);
        sum += world.step(action, random);
        frames.push(draw().rgb);
        captions.push(`${world.environment.actions[action]}, return ${tidy(sum)}`);
      }
      const length = frames.length - 1;
      const words = `return ${tidy(sum)} in ${world.over ? '' : 'the first '}${length} steps`;
      return { display: [{ kind: 'film', width, height, frames, captions, perSecond: PER_SECOND }], words };
    },
  };
}

const tidy = (value: number): string => String(Number(value.toFixed(2)));

// node --conditions=source --import tsx test/long/gathering.ts PART --out FILE [--seeds 10] [--first 1] [--steps 20000] [--tries 1]
// How is gathering learned? PART is `tables` (the published rules and ours, on the objects), `networks` (double Q-learning and PPO on the
// pictures), `settings` (double Q-learning by other settings, in random places) or `eyes` (how many things eyes see, by seed, and what rules in a column reach by them); `show` prints what FILE holds. Each training is one line of FILE; what is there already is not made again.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  ActionChoice,
  actorCritic,
  playByTables,
  qValues,
  RelationTables,
  replay,
  rollouts,
  salientPixels,
} from 'banyan-ml/heads/control';
import { patchStem, type Reconstruction } from 'banyan-ml/heads/vision';
import { Gathering, type GatheringOptions, gatheringSeen, scenes } from 'banyan-ml/tasks';
import { lastValueFrom } from 'rxjs';
import { type Interval, meanInterval } from '../../src/analysis/index.ts';
import {
  adam,
  adamW,
  constantSchedule,
  convTrunk,
  createNetwork,
  defineTask,
  denseTrunk,
  evaluate,
  type Network,
  type SeenObject,
  type Source,
  startRuntime,
  train,
} from '../../src/index.ts';
import { RandomStream } from '../../src/random/index.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: 'gathering.jsonl' },
    seeds: { type: 'string', default: '10' },
    first: { type: 'string', default: '1' },
    steps: { type: 'string', default: '20000' },
    /** At most so many eyes are trained until what some see raises no warning. */
    tries: { type: 'string', default: '1' },
    /** Of so many that raise none, those with the lowest loss are taken. */
    of: { type: 'string', default: '1' },
  },
});
const file = values.out;
const [seeds, steps, first] = [values.seeds, values.steps, values.first].map(Number) as [number, number, number];

type Layout = NonNullable<GatheringOptions['layout']>;
type Kinds = NonNullable<GatheringOptions['kinds']>;

/** Of how many episodes a test is, each of 100 steps. */
const TEST = 20;
const EPISODE = 100;
/** Steps of play between two tests, a quarter of all. */
const BETWEEN = steps / 4;

/** What was reached after so many steps of learning, in episodes of a layout, played in a way: means over the episodes. */
interface Mark {
  readonly steps: number;
  readonly tested: Layout;
  readonly played: string;
  readonly crosses: number;
  readonly circles: number;
}

interface Run {
  readonly method: string;
  readonly layout: Layout;
  readonly kinds: Kinds;
  readonly seed: number;
  readonly marks: readonly Mark[];
  /** Seconds that all threads have worked to play and to learn, without the tests. */
  readonly seconds: number;
}

interface Eyes {
  readonly there: number;
  readonly missed: number;
  readonly extra: number;
  /** How many things of each true type have a channel of the code as their strongest. */
  readonly types: Readonly<Record<string, readonly number[]>>;
  /** What rules reach by them. */
  readonly crosses: number;
  readonly circles: number;
  /** Of the reconstruction of pictures that they did not learn from: it needs no labels. */
  readonly loss: number;
  readonly tries: number;
  readonly warned: boolean;
  readonly seconds: number;
}

const lines: readonly (Run | { readonly seed: number; readonly eyes: Eyes })[] = existsSync(file)
  ? readFileSync(file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  : [];
const runs = lines.filter((line): line is Run => 'marks' in line);
const trained = lines.filter((line) => 'eyes' in line);

/** Makes a run that is not there yet, and keeps it. */
async function once(of: Omit<Run, 'marks' | 'seconds'>, make: () => Promise<Pick<Run, 'marks' | 'seconds'>>) {
  const same = ({ method, layout, kinds, seed }: Run) =>
    method === of.method && layout === of.layout && kinds === of.kinds && seed === of.seed;
  if (runs.some(same)) return;
  const run = { ...of, ...(await make()) };
  runs.push(run);
  appendFileSync(file, `${JSON.stringify(run)}\n`);
}

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

const LAYOUTS = ['random', 'grid'] as const;

/** The published rule, the one with common sense, and ours: what they learn by, and how they are tested. */
const TABLES = {
  SRL: { tables: { credit: 'all', power: 0, alpha: 0.1 }, exploration: 0.1, impatience: 0 },
  'SRL+CS': { tables: { credit: 'touched', power: 2, alpha: 1 }, exploration: 0.1, impatience: 0 },
  ours: { tables: { credit: 'touched', power: 2, alpha: 1 }, exploration: 1, impatience: 0.1 },
} as const;

async function learnTables(method: keyof typeof TABLES, layout: Layout, kinds: Kinds, seed: number) {
  const { tables: options, exploration, impatience } = TABLES[method];
  const tables = new RelationTables({ actions: 4, reach: 8, ...options });
  const learner = new ActionChoice({ exploration, impatience: exploration === 1 ? 0 : impatience });
  const random = new RandomStream(seed, `${method} learns`);
  const marks: Mark[] = [];
  let seconds = 0;
  // Also after ten episodes: the tables need no more.
  const tests = [1_000, ...[1, 2, 3, 4].map((quarter) => quarter * BETWEEN)];
  for (const [i, mark] of tests.entries()) {
    const begin = processorSeconds();
    for (let played = tests[i - 1] ?? 0; played < mark; played += EPISODE)
      playByTables(new Gathering({ layout, kinds }), { tables, choice: learner, learn: true }, random);
    seconds += processorSeconds() - begin;
    for (const tested of LAYOUTS) {
      const ways = { greedy: { impatience }, 'ε 0.1': { exploration: 0.1, impatience } };
      for (const [played, way] of Object.entries(ways)) {
        const choice = new ActionChoice(way);
        const tests = new RandomStream(seed, `${method} is tested`);
        const rewards = Array.from({ length: TEST }, () =>
          playByTables(new Gathering({ layout: tested, kinds }), { tables, choice, learn: false }, tests),
        ).flatMap((episode) => episode.rewards);
        marks.push({ steps: mark, tested, played, ...means(rewards) });
      }
    }
  }
  return { marks, seconds };
}

const means = (rewards: readonly number[]) => ({
  crosses: rewards.filter((reward) => reward > 0).length / TEST,
  circles: rewards.filter((reward) => reward < 0).length / TEST,
});

const { actions } = new Gathering();
/** A patch is a cell, so that the networks are told as much as the tables of where things can be. */
const stem = patchStem({ height: 54, width: 54, channels: 1, patch: 6 });
const trunk = convTrunk({ width: 32, depth: 2, kernel: 19 });
const GAMMA = 0.9;

/** How a network is taught, and how many steps of play an update is for. */
const NETWORKS = {
  'double Q': {
    head: qValues({ actions }),
    source: (playing: Playing, { decay = steps / 5, refresh = 250 }: Setting) =>
      replay({ ...playing, environments: 8, warmUp: 500, decay, exploration: 0.1, refresh }),
    ways: {
      greedy: { impatience: 0 },
      'ε 0.1': { exploration: 0.1, impatience: 0 },
      impatient: { impatience: 0.1 },
    },
    ...{ batch: 64, stepsPerUpdate: 8 },
  },
  PPO: {
    head: actorCritic({ actions }),
    source: (playing: Playing) => rollouts({ ...playing, environments: 16, steps: 32, epochs: 4 }),
    ways: { drawn: undefined },
    ...{ batch: 128, stepsPerUpdate: 32 },
  },
} as const;

interface Playing {
  readonly environment: () => Gathering;
  readonly task: string;
  readonly gamma: number;
  readonly seed: number;
}

/** What else double Q-learning is tried with. */
interface Setting {
  /** Steps until ε is at its end. */
  readonly decay?: number;
  /** Updates between two copies of the network that makes targets. */
  readonly refresh?: number;
  readonly learningRate?: number;
}

const SETTINGS: Readonly<Record<string, Setting>> = {
  'ε over 4/5': { decay: (4 * steps) / 5 },
  'targets after 1000': { refresh: 1000 },
  'rate 3e-4': { learningRate: 3e-4 },
};

async function learnNetwork(
  method: keyof typeof NETWORKS,
  layout: Layout,
  kinds: Kinds,
  seed: number,
  setting: Setting = {},
) {
  const { head, source: makeSource, ways, batch, stepsPerUpdate } = NETWORKS[method];
  const playing = { environment: () => new Gathering({ layout, kinds }), task: 'game', gamma: GAMMA, seed };
  const inner = makeSource(playing, setting) as Source<Float32Array, object>;
  const marks: Mark[] = [];
  let [updates, tested] = [0, 0];
  const source: Source<Float32Array, object> = {
    ...inner,
    counts: { training: Number.POSITIVE_INFINITY, validation: 1, test: 0 },
    read: async (split, indices, context) => {
      if (split === 'training') {
        updates++;
        return inner.read(split, indices, context);
      }
      // The training's own pause for a test.
      const begin = processorSeconds();
      for (const layout of LAYOUTS)
        for (const [played, way] of Object.entries(ways)) {
          const reached = await testOf({ layout, kinds }, seed, way, (seen) => context.predict('game', seen));
          marks.push({ steps: updates * stepsPerUpdate, tested: layout, played, ...reached });
        }
      tested += processorSeconds() - begin;
      return [{ input: new Float32Array(54 * 54), target: { return: 0, length: 0, entropy: 0 } }];
    },
  };
  const network = await createNetwork({
    trunk,
    tasks: [defineTask({ name: 'game', stem, head, source } as never)],
    seed,
  });
  const begin = processorSeconds();
  await lastValueFrom(
    train(network as Network, {
      ...{ steps: Math.round(steps / stepsPerUpdate), batch, seed },
      optimizer: adamW({ learningRate: setting.learningRate ?? 1e-3 }),
      schedule: constantSchedule({ warmup: 20 }),
      evaluateEvery: Math.round(BETWEEN / stepsPerUpdate),
      evaluateExamples: 1,
    }),
  );
  network.dispose();
  return { marks, seconds: processorSeconds() - begin - tested };
}

/** Plays episodes side by side, by values in a way of choosing, or by drawing from a policy. */
async function testOf(
  options: GatheringOptions,
  seed: number,
  way: { readonly exploration?: number; readonly impatience: number } | undefined,
  predict: (seen: readonly Float32Array[]) => Promise<readonly unknown[]>,
) {
  const random = new RandomStream(seed, 'tests');
  const games = Array.from({ length: TEST }, () => ({ game: new Gathering(options), choice: new ActionChoice(way) }));
  for (const { game } of games) game.reset(random);
  const rewards: number[] = [];
  for (let step = 0; step < EPISODE; step++) {
    const seen = games.map(({ game }) => {
      const picture = new Float32Array(54 * 54);
      game.observe(picture);
      return picture;
    });
    for (const [i, output] of (await predict(seen)).entries()) {
      const { game, choice } = games[i]!;
      const action =
        way === undefined
          ? drawn((output as { policy: Float32Array }).policy, random)
          : choice.choose(output as Float32Array, placeOf(game), random);
      const reward = game.step(action);
      if (reward !== 0) choice.forget();
      rewards.push(reward);
    }
  }
  return means(rewards);
}

const placeOf = (game: Gathering): string => {
  const [{ row, column }] = game.objects() as [SeenObject];
  return `${row} ${column}`;
};

/** Draws an action by its logits. */
function drawn(logits: Float32Array, random: RandomStream): number {
  const weights = logits.map((logit) => Math.exp(logit - Math.max(...logits)));
  let left = random.uniform() * weights.reduce((a, b) => a + b, 0);
  return Math.max(
    0,
    weights.findIndex((weight) => {
      left -= weight;
      return left < 0;
    }),
  );
}

/** Of how many pictures the things are counted. */
const LOOKED = 100;

interface ChosenEyes {
  /** With a column for rules. */
  readonly eyes: Network;
  readonly warned: boolean;
  readonly loss: number;
}

/** Trains eyes until what some see raises no warning, and of those takes the ones that draw best what they did not learn from: no label is needed. */
async function chosenEyes(seed: number): Promise<ChosenEyes & { readonly tries: number }> {
  let best: ChosenEyes | undefined;
  let [tries, sure] = [0, 0];
  do {
    const next = await trainEyes(seed + 1000 * tries);
    const rank = ({ warned, loss }: ChosenEyes) => (warned ? Number.POSITIVE_INFINITY : loss);
    const better = best === undefined || rank(next) < rank(best);
    (better ? best : next)?.eyes.dispose();
    if (better) best = next;
    if (!next.warned) sure++;
    tries++;
  } while (sure < Number(values.of) && tries < Number(values.tries));
  return { ...best!, tries };
}

async function trainEyes(seed: number): Promise<ChosenEyes> {
  let warned = false;
  const listen = ({ message }: Error) => {
    warned ||= message.includes('lose sight');
  };
  process.on('warning', listen);
  try {
    const eyes: Network = await createNetwork({ trunk: denseTrunk({ width: 8, depth: 1 }), tasks: [scenes], seed });
    await lastValueFrom(train(eyes, { steps: 780, batch: 32, seed, optimizer: adam({ learningRate: 0.01 }) }));
    const { loss } = (await evaluate(eyes, { tasks: ['scenes'] })).scenes!;
    await eyes.addColumn({ tasks: [gatheringSeen], laterals: 'none' });
    await evaluate(eyes, { tasks: ['gathering-seen'], split: 'validation', examples: 1 });
    // Warnings are told in a later turn.
    await setImmediate();
    return { eyes, warned, loss: loss! };
  } finally {
    process.off('warning', listen);
  }
}

/** Trains eyes, counts what they see of things whose places are known, and lets rules learn by them. */
async function learnByEyes(seed: number): Promise<Eyes> {
  const begin = processorSeconds();
  const { eyes, tries, warned, loss } = await chosenEyes(seed);
  const random = new RandomStream(seed, 'looked at');
  const types = new Map<string, number[]>();
  let [there, missed, extra] = [0, 0, 0];
  for (let k = 0; k < LOOKED; k++) {
    const game = new Gathering();
    game.reset(random);
    for (let step = random.integer(EPISODE); step > 0; step--) game.step(random.integer(actions.length));
    const picture = new Float32Array(54 * 54);
    game.observe(picture);
    const [{ code }] = (await eyes.predict('scenes', [picture])) as [Reconstruction];
    const strongest = salientPixels(code).map((pixel) => ({ ...pixel, strength: Math.max(...pixel.spectrum) }));
    const usual = [...strongest].sort((a, b) => a.strength - b.strength)[strongest.length >> 1]?.strength ?? 0;
    const seen = strongest.filter(({ strength }) => strength >= usual / 4);
    there += game.objects().length;
    extra += seen.length;
    for (const { type, row, column } of game.objects()) {
      // A cell is 3 x 3 pixels of the code.
      const own = seen.filter((pixel) => Math.floor(pixel.row / 3) === row && Math.floor(pixel.column / 3) === column);
      if (own.length === 0) missed++;
      else extra--;
      const [pixel] = own.sort((a, b) => b.strength - a.strength);
      if (pixel === undefined) continue;
      const channel = String(pixel.spectrum.indexOf(pixel.strength));
      const counts = types.get(channel) ?? [0, 0, 0];
      counts[type]!++;
      types.set(channel, counts);
    }
  }
  const learned = processorSeconds() - begin;
  await lastValueFrom(train(eyes, { steps: 300, batch: 64, seed }));
  const { rewarded: crosses = 0, punished: circles = 0 } = (await evaluate(eyes, { tasks: ['gathering-seen'] }))[
    'gathering-seen'
  ]!;
  eyes.dispose();
  return {
    there,
    missed,
    extra,
    types: Object.fromEntries(types),
    crosses,
    circles,
    loss,
    tries,
    warned,
    seconds: learned,
  };
}

/** The variants in the order of their worth to the question, for one who stops early. */
const VARIANTS = [
  ['random', 'mixed'],
  ['grid', 'mixed'],
  ['random', 'avoid'],
  ['grid', 'avoid'],
] as const;

function show(): void {
  const keys = new Set(runs.map(({ method, layout, kinds }) => [method, layout, kinds].join(' · ')));
  for (const key of keys) {
    const own = runs.filter(({ method, layout, kinds }) => [method, layout, kinds].join(' · ') === key);
    console.log(`\n${key}: ${own.length} seeds, ${text(own.map(({ seconds }) => seconds))} s`);
    const places = new Set(own[0]!.marks.map(({ steps, tested, played }) => [steps, tested, played].join(' ')));
    for (const place of places) {
      const marks = own.flatMap((run) =>
        run.marks.filter(({ steps, tested, played }) => [steps, tested, played].join(' ') === place),
      );
      const share = marks.reduce((sum, { crosses }) => sum + crosses, 0);
      const all = share + marks.reduce((sum, { circles }) => sum + circles, 0);
      const [crosses, circles] = [text(marks.map(({ crosses }) => crosses)), text(marks.map(({ circles }) => circles))];
      console.log(
        `  ${place}: ${crosses} crosses, ${circles} circles, share ${all === 0 ? '-' : (share / all).toFixed(2)}`,
      );
    }
  }
}

/** The floors of eyes: what they see, and what rules reach by them. */
function isGood({ there, missed, types, crosses, circles }: Eyes): boolean {
  const channels = Object.values(types);
  const all = channels.flat().reduce((a, b) => a + b, 0);
  const pure = channels.reduce((sum, counts) => sum + Math.max(...counts), 0) / all;
  return missed <= 0.01 * there && pure >= 0.99 && crosses >= 7.7 && circles <= 0.1;
}

/** Of how many eyes are good: of all, and of those that have the lowest loss of 2, 3 and 4, over all ways to draw so many. */
function showEyes(): void {
  if (trained.length === 0) return;
  const sorted = trained.map(({ eyes }) => eyes).sort((a, b) => a.loss - b.loss);
  for (const eyes of sorted) {
    const { loss, missed, there, extra, crosses, circles } = eyes;
    const found = `${missed} of ${there} missed, ${extra} too many, ${crosses} / ${circles}`;
    console.log(`loss ${loss.toFixed(4)}: ${found}${isGood(eyes) ? '' : ' (bad)'}`);
  }
  for (const drawn of [1, 2, 3, 4].slice(0, sorted.length)) {
    // The lowest of so many is one with `drawn - 1` others among those above it.
    const ways = (i: number) => combinations(sorted.length - 1 - i, drawn - 1) / combinations(sorted.length, drawn);
    const good = sorted.reduce((sum, eyes, i) => sum + (isGood(eyes) ? ways(i) : 0), 0);
    console.log(`the lowest loss of ${drawn}: ${(100 * good).toFixed(1)} % good`);
  }
}

const combinations = (from: number, count: number): number =>
  count === 0 ? 1 : from < count ? 0 : (combinations(from - 1, count - 1) * from) / count;

const text = (values: readonly number[]): string => {
  const { mean, halfWidth }: Interval = meanInterval(values);
  return halfWidth === undefined ? mean.toFixed(2) : `${mean.toFixed(2)} ± ${halfWidth.toFixed(2)}`;
};

const PARTS: Readonly<Record<string, () => Promise<void>>> = {
  tables: async () => {
    for (const [layout, kinds] of VARIANTS)
      for (let seed = 1; seed <= seeds; seed++)
        for (const method of Object.keys(TABLES) as (keyof typeof TABLES)[])
          await once({ method, layout, kinds, seed }, async () => learnTables(method, layout, kinds, seed));
  },
  networks: async () => {
    await startRuntime();
    for (const [layout, kinds] of VARIANTS)
      for (let seed = 1; seed <= seeds; seed++)
        for (const method of Object.keys(NETWORKS) as (keyof typeof NETWORKS)[])
          await once({ method, layout, kinds, seed }, () => learnNetwork(method, layout, kinds, seed));
  },
  settings: async () => {
    await startRuntime();
    for (let seed = 1; seed <= seeds; seed++)
      for (const [name, setting] of Object.entries(SETTINGS)) {
        const method = `double Q, ${name}`;
        await once({ method, layout: 'random', kinds: 'mixed', seed }, () =>
          learnNetwork('double Q', 'random', 'mixed', seed, setting),
        );
      }
  },
  eyes: async () => {
    await startRuntime();
    for (let seed = first; seed < first + seeds; seed++) {
      if (trained.some((line) => line.seed === seed)) continue;
      const eyes = await learnByEyes(seed);
      appendFileSync(file, `${JSON.stringify({ seed, eyes })}\n`);
      console.log(JSON.stringify({ seed, ...eyes }));
    }
  },
  show: async () => {
    show();
    showEyes();
  },
};

const [part = ''] = positionals;
const perform = PARTS[part];
if (perform === undefined) throw new Error(`Expected one of ${Object.keys(PARTS).join(', ')}, received "${part}".`);
await perform();

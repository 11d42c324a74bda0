// What the exchange of gradients costs by number of weights, of workers and by the network between them: each worker in a network namespace of
// its own, on links that `tc` shapes. Needs root and iproute2. Writes a table of Markdown.
//   node --conditions=source --import tsx test/long/network.ts [--widths 128,512,1024] [--workers 2,3,4] [--rates 1000,10000]
//     [--ways float32,bfloat16,every-10] [--work 300,1000] [--steps 6] [--keep-window]
// `--work`: milliseconds of a sleep in place of arithmetic. `--keep-window`: the kernel lets a connection that was idle go on as fast as before
// (net.ipv4.tcp_slow_start_after_idle = 0).
import { execFileSync, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../repository.ts';
import type { Measured, Request, Way } from './network-child.ts';

interface Link {
  readonly name: string;
  /** Of `tc`, in Mbit/s. */
  readonly rate: number;
  /** Milliseconds one way, by netem; 0: what the links have by themselves. */
  readonly delay: number;
}

/** What was measured, and how much longer that is than alone. */
interface Row extends Measured {
  readonly link: string;
  readonly workers: number;
  readonly longer: number;
}

const PORT = 2222;
const BRIDGE = 'banyanbr';
const { values: flags } = parseArgs({
  options: {
    widths: { type: 'string', default: '128,512,1024' },
    workers: { type: 'string', default: '2,3,4' },
    rates: { type: 'string', default: '1000,10000' },
    ways: { type: 'string', default: 'float32' },
    work: { type: 'string', default: '300' },
    steps: { type: 'string', default: '6' },
    'keep-window': { type: 'boolean', default: false },
  },
});
const numbers = (text: string) => text.split(',').map(Number);
const [WIDTHS, WORKERS, RATES, WORK] = [flags.widths, flags.workers, flags.rates, flags.work].map(numbers) as [
  number[],
  number[],
  number[],
  number[],
];
const WAYS = flags.ways.split(',') as Way[];
/** Back to back a step is short: many are measured. */
const SLEEPS = [0, ...WORK].map((milliseconds) => ({
  milliseconds,
  steps: milliseconds === 0 ? 40 : Number(flags.steps),
}));
/** The further point, which no fit sees. */
const HELD_OUT = { workers: 3, width: 1024 };
const CORES = availableParallelism();

const shell = (command: string): string => execFileSync('sh', ['-c', command], { encoding: 'utf8' });
const namespace = (k: number) => `banyan${k}`;
const host = (k: number) => `10.77.0.${k + 1}`;

/** Whether this kernel can delay packets. */
function hasNetem(): boolean {
  try {
    shell(
      'ip netns exec banyan0 tc qdisc add dev lo root netem delay 1ms && ip netns exec banyan0 tc qdisc del dev lo root',
    );
    return true;
  } catch {
    return false;
  }
}

/** Makes a namespace for each worker, all on one bridge. */
function connect(workers: number): void {
  shell(`ip link add ${BRIDGE} type bridge && ip link set ${BRIDGE} up`);
  for (let k = 0; k < workers; k++)
    shell(
      `ip netns add ${namespace(k)} && ip link add veth${k} type veth peer name eth0 netns ${namespace(k)} && ` +
        `ip link set veth${k} master ${BRIDGE} up && ip netns exec ${namespace(k)} sh -c ` +
        `'ip link set lo up && ip link set eth0 up && ip addr add ${host(k)}/24 dev eth0'`,
    );
  if (!flags['keep-window']) return;
  for (let k = 0; k < workers; k++)
    shell(`ip netns exec ${namespace(k)} sysctl -qw net.ipv4.tcp_slow_start_after_idle=0`);
}

/** Shapes both directions of each worker's link. */
function shape(workers: number, { rate, delay }: Link): void {
  // A burst must hold what comes between two ticks of the kernel's clock, and a packet of 64 kB.
  const burst = Math.max(131_072, Math.ceil((rate * 1e6) / 8 / 250));
  for (let k = 0; k < workers; k++) {
    for (const tc of [`ip netns exec ${namespace(k)} tc qdisc`, 'tc qdisc']) {
      const device = tc === 'tc qdisc' ? `veth${k}` : 'eth0';
      shell(`${tc} replace dev ${device} root handle 1: tbf rate ${rate}mbit burst ${burst} latency 100ms`);
      if (delay > 0 && device === 'eth0') shell(`${tc} add dev eth0 parent 1:1 netem delay ${delay}ms limit 100000`);
    }
  }
}

function disconnect(): void {
  for (let k = 0; k < 8; k++) shell(`ip netns del ${namespace(k)} 2>/dev/null || true`);
  shell(`ip link del ${BRIDGE} 2>/dev/null || true`);
}

/** Has one worker measure in its namespace. */
function measuring(k: number, request: Request): Promise<Measured[]> {
  const args = ['netns', 'exec', namespace(k), process.execPath, '--conditions=source', '--import', 'tsx'];
  const child = spawn('ip', [...args, join(root, 'test/long/network-child.ts'), JSON.stringify(request)], {
    cwd: root,
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (more) => (stdout += more));
  child.stderr.on('data', (more) => (stderr += more));
  return new Promise((done, fail) => {
    child.on('close', (code) =>
      code === 0 ? done(JSON.parse(stdout.trim().split('\n').at(-1)!)) : fail(new Error(`${code}: ${stderr}`)),
    );
  });
}

/** What the model multiplies, and the time that it is to give. */
interface Point {
  readonly terms: readonly number[];
  readonly t: number;
}

/** Solves the least squares of relative errors for the factors of some of the terms; undefined where these are not apart. */
function leastSquares(points: readonly Point[], chosen: readonly number[]): number[] | undefined {
  const rows = chosen.map((i) => [
    ...chosen.map((j) => points.reduce((sum, { terms, t }) => sum + (terms[i]! * terms[j]!) / t ** 2, 0)),
    points.reduce((sum, { terms, t }) => sum + terms[i]! / t, 0),
  ]);
  for (const [i, row] of rows.entries()) {
    if (Math.abs(row[i]!) < 1e-12) return undefined;
    for (const [j, other] of rows.entries()) {
      const factor = other[i]! / row[i]!;
      if (j !== i) rows[j] = other.map((value, k) => value - factor * row[k]!);
    }
  }
  return rows.map((row, i) => row.at(-1)! / row[i]!);
}

/** The factors of all terms, none below 0: those of the best of all choices of terms. */
function fitted(points: readonly Point[]): readonly number[] {
  const count = points[0]!.terms.length;
  let best: { readonly factors: readonly number[]; readonly error: number } | undefined;
  for (let choice = 1; choice < 2 ** count; choice++) {
    const chosen = Array.from({ length: count }, (_, i) => i).filter((i) => (choice >> i) & 1);
    const found = leastSquares(points, chosen);
    if (found === undefined || found.some((factor) => !(factor >= 0))) continue;
    const factors = Array.from({ length: count }, (_, i) => found[chosen.indexOf(i)] ?? 0);
    const error = points.reduce((sum, { terms, t }) => sum + (told(factors, terms) / t - 1) ** 2, 0);
    if (best === undefined || error < best.error) best = { factors, error };
  }
  return best!.factors;
}

const told = (factors: readonly number[], terms: readonly number[]): number =>
  factors.reduce((sum, factor, i) => sum + factor * terms[i]!, 0);

/**
 * Of a ring: messages one after the other; bytes that each link carries; and bytes that each core of this machine works on, since here several
 * workers share its cores (where each has one of its own, that is the same as the second).
 */
function termsOf(workers: number, weights: number, way: Way, cores = CORES): readonly number[] {
  const bytes = ((2 * (workers - 1)) / workers) * (way === 'bfloat16' ? 2 : 4) * weights;
  return [2 * (workers - 1), bytes, (bytes * workers) / Math.min(cores, workers)];
}

disconnect();
connect(4);
const rows: Row[] = [];
try {
  const netem = hasNetem();
  const links: Link[] = RATES.flatMap((rate) =>
    (netem ? [0.1, 1] : [0]).map((delay) => ({
      name: `${rate / 1000} Gbit/s${delay > 0 ? `, ${delay} ms` : ''}`,
      rate,
      delay,
    })),
  );
  if (!netem) process.stdout.write('This kernel has no netem: links have the latency of veth.\n\n');
  const alone = await measuring(0, { widths: WIDTHS, sleeps: SLEEPS, ways: ['float32'] });
  const one = (weights: number, sleep: number) =>
    alone.find((row) => row.weights === weights && row.sleep === sleep)!.milliseconds;
  for (const link of links) {
    shape(4, link);
    for (const workers of WORKERS) {
      const addresses = Array.from({ length: workers }, (_, k) => `${host(k)}:${PORT}`);
      const request = { widths: WIDTHS, sleeps: SLEEPS, ways: WAYS };
      const all = await Promise.all(
        addresses.map((_, index) =>
          measuring(index, { ...request, cluster: { workers: addresses, index, joinSeconds: 300 } }),
        ),
      );
      for (const row of all[0]!)
        rows.push({ ...row, link: link.name, workers, longer: row.milliseconds - one(row.weights, row.sleep) });
      process.stderr.write(`${link.name}, ${workers} workers: ${JSON.stringify(all[0])}\n`);
    }
  }
  const heads = ['link', 'workers', 'sent', 'weights', 'bytes a step', 'exchange back to back, ms'];
  const efficiencies = WORK.flatMap((work) => [`exchange after ${work} ms of work`, `efficiency at ${work} ms`]);
  print([...heads, ...efficiencies]);
  print([...heads, ...efficiencies].map(() => '---'));
  for (const row of rows.filter(({ sleep }) => sleep === 0)) {
    const isSame = (other: Row) =>
      (['link', 'workers', 'way', 'weights'] as const).every((key) => other[key] === row[key]);
    const after = WORK.flatMap((work) => {
      const { longer, milliseconds } = rows.find((other) => other.sleep === work && isSame(other))!;
      return [longer.toFixed(1), (one(row.weights, work) / milliseconds).toFixed(3)];
    });
    print([row.link, row.workers, row.way, row.weights, Math.round(row.bytesPerStep), row.longer.toFixed(1), ...after]);
  }
  const heldOut = alone[SLEEPS.length * WIDTHS.indexOf(HELD_OUT.width)]?.weights;
  for (const { name } of links) for (const { milliseconds } of SLEEPS) predict(name, milliseconds, heldOut);
} finally {
  disconnect();
}

function print(cells: readonly (string | number)[]): void {
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}

/** Fits the model to what was measured over a link with so much work in a step, holds it against the further point, and plans by it. */
function predict(link: string, work: number, weightsHeldOut: number | undefined): void {
  const own = rows.filter((row) => row.link === link && row.sleep === work && !row.way.startsWith('every'));
  const isHeldOut = ({ workers, weights, way }: Row) =>
    way === WAYS[0] && workers === HELD_OUT.workers && weights === weightsHeldOut;
  const points = own.filter((row) => !isHeldOut(row));
  if (points.length < 4) return;
  const factors = fitted(
    points.map(({ workers, weights, way, longer }) => ({ terms: termsOf(workers, weights, way), t: longer })),
  );
  const [alpha, beta, gamma] = factors as [number, number, number];
  const held = own.find(isHeldOut);
  process.stdout.write(
    `\n${link}, ${work} ms of work: α ${alpha.toFixed(3)} ms a message, β ${(beta * 1e6).toFixed(2)} ms a MB of a link, ` +
      `γ ${(gamma * 1e6).toFixed(2)} ms a MB of a core`,
  );
  if (held !== undefined) {
    const guess = told(factors, termsOf(held.workers, held.weights, held.way));
    process.stdout.write(
      `; ${held.weights} weights, ${held.workers} workers: predicted ${guess.toFixed(1)} ms, measured ${held.longer.toFixed(1)} ms ` +
        `(${((guess / held.longer - 1) * 100).toFixed(0)} %)`,
    );
  }
  process.stdout.write('\n\n');
  print([
    'workers',
    '1 M weights: exchange, ms',
    'efficiency at 1 s of work',
    'accumulate 4',
    'bfloat16',
    'every 10th step',
  ]);
  print(['---', '---', '---', '---', '---', '---']);
  for (const workers of [8, 16, 32, 64, 128, 256, 512, 1024]) {
    // Each on a core of its own.
    const [ms, half] = (['float32', 'bfloat16'] as const).map((way) =>
      told(factors, termsOf(workers, 1e6, way, workers)),
    ) as [number, number];
    const efficiencies = [1000 / (1000 + ms), 4000 / (4000 + ms), 1000 / (1000 + half), 10_000 / (10_000 + ms)];
    print([workers, ms.toFixed(0), ...efficiencies.map((efficiency) => efficiency.toFixed(2))]);
  }
}

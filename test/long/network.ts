// What the exchange of gradients costs by number of weights, of workers and by the network between them: each worker in a network namespace of
// its own, on links that `tc` shapes. Needs root and iproute2. Writes a table of Markdown.
//   node --conditions=source --import tsx test/long/network.ts [--widths 128,512,1024] [--exchanges float32,bfloat16]
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../repository.ts';
import type { Exchange, Measured, Request } from './network-child.ts';

interface Link {
  readonly name: string;
  /** Of `tc`, in Mbit/s. */
  readonly rate: number;
  /** Milliseconds one way, by netem; 0: what the links have by themselves. */
  readonly delay: number;
}

/** What was measured, and a prediction. */
interface Row extends Measured {
  readonly link: string;
  readonly workers: number;
  /** What a step takes longer than alone. */
  readonly longer: number;
}

const PORT = 2222;
const BRIDGE = 'banyanbr';
const { values: flags } = parseArgs({
  options: { widths: { type: 'string', default: '128,512,1024' }, exchanges: { type: 'string', default: 'float32' } },
});
const WIDTHS = flags.widths.split(',').map(Number);
const EXCHANGES = flags.exchanges.split(',') as Exchange[];
/** The further point, which no fit sees. */
const HELD_OUT = { workers: 3, width: 1024 };
const SLEEP = 300;
const STEPS = 6;

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

/** Solves the least squares of relative errors for two numbers: `t = a x + b y`. */
function leastSquares(
  rows: readonly { readonly x: number; readonly y: number; readonly t: number }[],
): [number, number] {
  let [xx, xy, yy, xt, yt] = [0, 0, 0, 0, 0];
  for (const { x, y, t } of rows) {
    const w = 1 / t ** 2;
    xx += w * x * x;
    xy += w * x * y;
    yy += w * y * y;
    xt += w * x * t;
    yt += w * y * t;
  }
  const det = xx * yy - xy * xy;
  return [(xt * yy - yt * xy) / det, (yt * xx - xt * xy) / det];
}

/** Of a ring: messages one after the other, and bytes that each sends. */
const termsOf = (workers: number, weights: number, exchange: Exchange) => ({
  x: 2 * (workers - 1),
  y: ((2 * (workers - 1)) / workers) * (exchange === 'bfloat16' ? 2 : 4) * weights,
});

disconnect();
connect(4);
const rows: Row[] = [];
try {
  const netem = hasNetem();
  const links: Link[] = [1000, 10_000].flatMap((rate) =>
    (netem ? [0.1, 1] : [0]).map((delay) => ({
      name: `${rate / 1000} Gbit/s${delay > 0 ? `, ${delay} ms` : ''}`,
      rate,
      delay,
    })),
  );
  if (!netem) process.stdout.write('This kernel has no netem: links have the latency of veth.\n\n');
  const alone = await measuring(0, { widths: WIDTHS, sleeps: [0, SLEEP], steps: STEPS, exchanges: ['float32'] });
  for (const link of links) {
    shape(4, link);
    for (const workers of [2, 3, 4]) {
      const addresses = Array.from({ length: workers }, (_, k) => `${host(k)}:${PORT}`);
      const request = { widths: WIDTHS, sleeps: [0, SLEEP], steps: STEPS, exchanges: EXCHANGES };
      const all = await Promise.all(
        addresses.map((_, index) =>
          measuring(index, { ...request, cluster: { workers: addresses, index, joinSeconds: 300 } }),
        ),
      );
      for (const [i, measured] of all[0]!.entries())
        rows.push({
          ...measured,
          link: link.name,
          workers,
          longer: measured.milliseconds - alone[i % alone.length]!.milliseconds,
        });
      process.stderr.write(`${link.name}, ${workers} workers: ${JSON.stringify(all[0])}\n`);
    }
  }
  const weightsOf = (width: number) => alone[2 * WIDTHS.indexOf(width)]!.weights;
  const one = (weights: number, sleep: number) => alone.find((m) => m.weights === weights && m.sleep === sleep)!;
  process.stdout.write(
    `| link | workers | sent in | weights | bytes sent a step | ms alone | ms together | exchange, ms | efficiency at ${SLEEP} ms of work |\n`,
  );
  process.stdout.write('| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n');
  for (const row of rows.filter(({ sleep }) => sleep === 0)) {
    const slow = rows.find(
      ({ link, workers, weights, exchange, sleep }) =>
        sleep === SLEEP &&
        exchange === row.exchange &&
        link === row.link &&
        workers === row.workers &&
        weights === row.weights,
    )!;
    const efficiency = one(row.weights, SLEEP).milliseconds / slow.milliseconds;
    const cells = [row.link, row.workers, row.exchange, row.weights, Math.round(row.bytesPerStep)];
    const times = [one(row.weights, 0).milliseconds, row.milliseconds, row.longer].map((ms) => ms.toFixed(1));
    process.stdout.write(`| ${[...cells, ...times, efficiency.toFixed(3)].join(' | ')} |\n`);
  }
  for (const { name } of links) {
    const own = rows.filter(({ link, sleep }) => link === name && sleep === 0);
    const isHeldOut = ({ workers, weights, exchange }: Row) =>
      exchange === EXCHANGES[0] && workers === HELD_OUT.workers && weights === weightsOf(HELD_OUT.width);
    const [alpha, beta] = leastSquares(
      own
        .filter((row) => !isHeldOut(row))
        .map((row) => ({ ...termsOf(row.workers, row.weights, row.exchange), t: row.longer })),
    );
    const predicted = (workers: number, weights: number, exchange: Exchange = 'float32') => {
      const { x, y } = termsOf(workers, weights, exchange);
      return alpha * x + beta * y;
    };
    const held = own.find(isHeldOut)!;
    const guess = predicted(held.workers, held.weights, held.exchange);
    process.stdout.write(
      `\n${name}: α ${alpha.toFixed(3)} ms a message, β ${(beta * 1e6).toFixed(2)} ms a MB; ` +
        `${held.weights} weights, ${held.workers} workers: predicted ${guess.toFixed(1)} ms, measured ${held.longer.toFixed(1)} ms (${((guess / held.longer - 1) * 100).toFixed(0)} %)\n\n`,
    );
    process.stdout.write(
      '| workers | 1 M weights: exchange, ms | efficiency at 1 s of work | accumulate 4 | bfloat16 | every 10th step |\n| --- | --- | --- | --- | --- | --- |\n',
    );
    for (const workers of [8, 16, 32, 64, 128, 256, 512, 1024]) {
      const ms = predicted(workers, 1e6);
      const half = predicted(workers, 1e6, 'bfloat16');
      const efficiencies = [1000 / (1000 + ms), 4000 / (4000 + ms), 1000 / (1000 + half), 10_000 / (10_000 + ms)];
      process.stdout.write(`| ${[workers, ms.toFixed(0), ...efficiencies.map((e) => e.toFixed(2))].join(' | ')} |\n`);
    }
  }
} finally {
  disconnect();
}

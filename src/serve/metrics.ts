// What Prometheus reads: the text format, version 0.0.4.

/** Upper bounds of requests' seconds. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Upper bounds of batches' sizes. */
const SIZES = [1, 2, 4, 8, 16, 32, 64];

type Labels = Readonly<Record<string, string>>;

/** Counts by labels. */
class Counter {
  readonly #values = new Map<string, number>();

  add(labels: Labels, amount = 1): void {
    const key = labelText(labels);
    this.#values.set(key, (this.#values.get(key) ?? 0) + amount);
  }

  lines(name: string): string[] {
    return [...this.#values].map(([labels, value]) => `${name}${labels} ${value}`);
  }
}

interface Bins {
  readonly labels: Labels;
  readonly counts: number[];
  sum: number;
  count: number;
}

/** Counts values by labels and by how large they are. */
class Histogram {
  readonly #bounds: readonly number[];
  readonly #bins = new Map<string, Bins>();

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
  }

  observe(labels: Labels, value: number): void {
    const key = labelText(labels);
    const bins = this.#bins.get(key) ?? { labels, counts: this.#bounds.map(() => 0), sum: 0, count: 0 };
    this.#bins.set(key, bins);
    const at = this.#bounds.findIndex((bound) => value <= bound);
    if (at >= 0) bins.counts[at]!++;
    bins.sum += value;
    bins.count++;
  }

  lines(name: string): string[] {
    return [...this.#bins.values()].flatMap(({ labels, counts, sum, count }) => {
      let below = 0;
      const buckets = this.#bounds.map((bound, i) => {
        below += counts[i]!;
        return `${name}_bucket${labelText({ ...labels, le: String(bound) })} ${below}`;
      });
      return [
        ...buckets,
        `${name}_bucket${labelText({ ...labels, le: '+Inf' })} ${count}`,
        `${name}_sum${labelText(labels)} ${sum}`,
        `${name}_count${labelText(labels)} ${count}`,
      ];
    });
  }
}

/** Labels hold names of routes, tasks and networks, none of which has a quote or a line's end. */
const labelText = (labels: Labels): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
};

/** How one network is served now. */
export interface NetworkGauge {
  readonly network: string;
  readonly version: string;
  readonly waiting: number;
}

/** Counts what a server does. */
export class Metrics {
  readonly #requests = new Counter();
  readonly #seconds = new Histogram(SECONDS);
  readonly #sizes = new Histogram(SIZES);
  readonly #replaced = new Counter();

  observeRequest(route: string, status: number, seconds: number): void {
    this.#requests.add({ route, status: String(status) });
    this.#seconds.observe({ route }, seconds);
  }

  observeBatch(task: string, size: number): void {
    this.#sizes.observe({ task }, size);
  }

  observeReplacement(network: string): void {
    this.#replaced.add({ network });
  }

  /** Writes all of it for Prometheus. */
  text(networks: readonly NetworkGauge[]): string {
    const gauge = (value: (network: NetworkGauge) => number | string) => (name: string) =>
      networks.map((each) => `${name}${labelText({ network: each.network })} ${value(each)}`);
    const series = (name: string, kind: string, help: string, lines: readonly string[]) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${kind}`,
      ...lines,
    ];
    const all: [name: string, kind: string, help: string, lines: (name: string) => string[]][] = [
      ['banyan_requests_total', 'counter', 'Requests that were answered.', (name) => this.#requests.lines(name)],
      [
        'banyan_request_duration_seconds',
        'histogram',
        'From the head of a request to the answer.',
        (name) => this.#seconds.lines(name),
      ],
      ['banyan_batch_size', 'histogram', 'Examples that were computed together.', (name) => this.#sizes.lines(name)],
      ['banyan_queue_examples', 'gauge', 'Examples that wait for a batch.', gauge(({ waiting }) => waiting)],
      ['banyan_network_version', 'gauge', 'The number of the network that is served.', gauge(({ version }) => version)],
      [
        'banyan_network_replacements_total',
        'counter',
        'Networks that took the place of another.',
        (name) => this.#replaced.lines(name),
      ],
      [
        'process_resident_memory_bytes',
        'gauge',
        'Memory of the process.',
        (name) => [`${name} ${process.memoryUsage.rss()}`],
      ],
    ];
    return `${all.flatMap(([name, kind, help, lines]) => series(name, kind, help, lines(name))).join('\n')}\n`;
  }
}

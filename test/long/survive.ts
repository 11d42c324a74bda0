// What is killed again and again, and must end as if it had been left alone.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type FaultLibrary, type FileCall, faultsIn, type Kill, takeCalls } from './faults.ts';
import { atOnce, banyan, evenly } from './program.ts';

/** A kind of work that ends with a folder. */
export interface Work {
  readonly name: string;
  /** What starts it, or goes on with what is in `out`. */
  readonly args: (out: string) => readonly string[];
  /** What must be equal in the end, as text or bytes by name. */
  readonly outcome: (out: string) => Readonly<Record<string, string>>;
}

export interface Survived {
  /** How each that was lost was killed, and what is wrong. */
  readonly lost: readonly string[];
  readonly kills: number;
  /** For people. */
  readonly figures: string;
}

/** At most so many kills; as many as there are places, unless the environment says. */
export const KILLS = Number(process.env.BANYAN_KILLS ?? Number.POSITIVE_INFINITY);
/** How many of the starts after a kill are killed as well. */
const AGAIN = 2;

/** Where to kill: before each call, and within each write. */
function placesIn(calls: readonly FileCall[]): Kill[] {
  const before = calls.map(({ number }) => number);
  const within = calls.filter(({ call }) => call === 'write').map(({ number }) => number);
  // Processes that one has started count by themselves.
  const places = (numbers: readonly number[], inside: boolean) =>
    [...new Set(numbers)].map((call) => ({ call, inside }));
  return [...places(before, false), ...places(within, true)].sort((a, b) => a.call - b.call);
}

/**
 * Does the work once alone, and then once for each place to kill it at: killed there, started again and killed at two more of
 * the places, and started again until it has ended.
 */
export async function killEverywhere(
  { file }: Extract<FaultLibrary, { file: string }>,
  folder: string,
  work: Work,
  most = KILLS,
  parallel = 2,
): Promise<Survived> {
  const alone = join(folder, `${work.name}-alone`);
  const log = `${alone}.log`;
  const first = await banyan(work.args(alone), { env: faultsIn(file, alone, { log }) });
  if (first.code !== 0) throw new Error(`${work.name}, left alone, ended with ${first.code}: ${first.stderr}`);
  const wanted = work.outcome(alone);
  const calls = takeCalls(log);
  const places = placesIn(calls);
  const lost: string[] = [];
  let kills = 0;

  const chosen = evenly(places, Math.ceil(most / (1 + AGAIN)));
  await atOnce(parallel, [...chosen.entries()], async ([i, place]) => {
    const out = join(folder, `${work.name}-${i}`);
    // Far from each other, and the same in each campaign. What goes on has fewer calls before it.
    const within = Math.ceil(places.length / 2);
    const plan = [place, ...Array.from({ length: AGAIN }, (_, k) => places[(i * 7919 + (k + 1) * 104_729) % within]!)];
    const told: string[] = [];
    let end = '';
    for (const kill of [...plan, undefined, undefined]) {
      const { code, signal, stderr } = await banyan(work.args(out), {
        env: faultsIn(file, out, { log: `${out}.log`, kill }),
      });
      // The one that is killed may be a child of the one that was started.
      kills += takeCalls(`${out}.log`).filter(({ call }) => call === 'killed').length;
      told.push(
        `${kill === undefined ? 'no kill' : describe(kill, calls)} → ${signal ?? code}${stderr && ` ${stderr.trim()}`}`,
      );
      if (code === 0) {
        end = difference(wanted, work.outcome(out));
        break;
      }
      end = 'it did not end';
    }
    if (end !== '') lost.push(`${out}: ${end}\n    ${told.join('\n    ')}`);
    else rmSync(out, { recursive: true, force: true });
  });
  const begun = chosen.length === places.length ? `each of ${places.length}` : `${chosen.length} of ${places.length}`;
  return {
    lost,
    kills,
    figures: `${kills} kills in ${chosen.length} runs, begun at ${begun} places, ${lost.length} lost`,
  };
}

const describe = ({ call, inside }: Kill, calls: readonly FileCall[]): string => {
  const { call: name, path } = calls.find(({ number }) => number === call)!;
  return `killed ${inside ? 'inside' : 'before'} call ${call} (${name} ${path} in a start left alone)`;
};

/** What differs first; empty where nothing does. */
export function difference(wanted: Readonly<Record<string, string>>, found: Readonly<Record<string, string>>): string {
  const name = Object.keys({ ...wanted, ...found }).find((key) => wanted[key] !== found[key]);
  return name === undefined ? '' : `${name} differs: expected ${short(wanted[name])}, received ${short(found[name])}`;
}

const short = (text = 'nothing') => (text.length > 300 ? `${text.slice(0, 300)} …` : text);

/** Bytes of a network's weights, the result without what a clock said, and which events came in which order. */
export function runOutcome(out: string): Record<string, string> {
  return {
    weights: readFileSync(join(out, 'network/weights.safetensors'), 'base64'),
    result: withoutClock(readFileSync(join(out, 'result.json'), 'utf8')),
    events: eventsOf(join(out, 'events.jsonl')),
    // Nothing half-written stays.
    leftovers: readdirSync(out, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tmp$|\.old$|\.next$/.test(name))
      .join(),
  };
}

/** JSON without seconds and megabytes: no two runs are alike in these. */
export const withoutClock = (json: string): string =>
  JSON.stringify(JSON.parse(json, (key, value) => (/seconds|milliseconds|MB$/i.test(key) ? undefined : value)));

/** The steps, evaluations and the end of a log, each with what it says of the training. */
export function eventsOf(file: string): string {
  if (!existsSync(file)) return 'none';
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string })
    .filter(({ kind }) => ['step', 'evaluation'].includes(kind))
    .map((event) => withoutClock(JSON.stringify(event)))
    .join('\n');
}

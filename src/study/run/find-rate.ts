import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildTrainOptions, given } from '../../experiment/build.ts';
import { fileError } from '../../files/file-error.ts';
import { ratePage } from '../../report/index.ts';
import { type FindRateOptions, findRate, type RateCurve } from '../../train/index.ts';
import { loadPretrained } from './pretrained.ts';
import { buildNetwork, type Session } from './session.ts';

/** What a learning-rate range test of an experiment came to. */
export interface SessionRates {
  readonly curve: RateCurve;
  /** The page that shows it. */
  readonly page: string;
}

/**
 * Tries over so many steps which learning rate is good for an experiment, on a network that is thrown away, and writes a page about it
 * into `out`, or beside the runs.
 */
export async function findSessionRate(
  session: Session,
  out: string | undefined,
  steps: number | undefined,
): Promise<SessionRates> {
  const { experiment } = session.loaded;
  const network = await buildNetwork(session);
  let curve: RateCurve;
  try {
    await loadPretrained(session, network);
    curve = await findRate(network, given({ ...tried(session), steps }));
  } finally {
    network.dispose();
  }
  const page = out === undefined ? join('runs', `${experiment.name}-find-rate.html`) : join(out, 'find-rate.html');
  await write(page, await ratePage(`Learning rates of ${experiment.name}`, curve));
  return { curve, page };
}

/** What of an experiment's training decides how it learns at a rate. */
function tried({ loaded, found }: Session): FindRateOptions {
  const options = buildTrainOptions(loaded.experiment, '', found.container);
  const { accumulate, balance, batch, clip, compile, optimizer, parameters, precision, sampler, seed } = options;
  const { sourceTimeout, tasks } = options;
  const stepping = { accumulate, balance, clip, compile, optimizer, parameters, precision, sampler, seed };
  const rest = { ...stepping, sourceTimeout, tasks };
  return { batch, ...given(rest) };
}

async function write(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  } catch (cause) {
    throw fileError('experiment', path, 'written', cause);
  }
}

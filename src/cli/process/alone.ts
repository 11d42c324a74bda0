import { clusterFromEnvironment } from '../../cluster/tf-config.ts';
import { BanyanError } from '../../error.ts';

/**
 * Checks that a command which trains in one process alone was not meant for several.
 * @throws BanyanError `argument` where TF_CONFIG names others.
 */
export function assertAlone(command: string): void {
  const cluster = clusterFromEnvironment();
  if (cluster === undefined) return;
  throw new BanyanError(
    'argument',
    `banyan ${command} works in one process, and TF_CONFIG names ${cluster.workers.length}: expected \`banyan train EXPERIMENT\`, or \`banyan resume DIR\`, in each of them. Unset TF_CONFIG to go on in one.`,
  );
}

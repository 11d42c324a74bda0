import { afterEach, describe, expect, it, vi } from 'vitest';
import { joinCluster } from '../../src/cluster/index.ts';
import { clusterFromEnvironment } from '../../src/cluster/tf-config.ts';

const config = (cluster: object, type: string, index: number) => JSON.stringify({ cluster, task: { type, index } });

afterEach(() => void vi.unstubAllEnvs());

describe('TF_CONFIG', () => {
  // The example of https://www.tensorflow.org/tutorials/distribute/multi_worker_with_keras.
  it('names the workers, and which of them this process is', () => {
    const worker = ['localhost:12345', 'localhost:23456'];
    expect(clusterFromEnvironment(config({ worker }, 'worker', 1))).toEqual({ workers: worker, index: 1 });
  });

  it('puts a chief before the workers, as TensorFlow does', () => {
    const cluster = { chief: ['a:1'], worker: ['b:1', 'c:1'], evaluator: ['d:1'] };
    expect(clusterFromEnvironment(config(cluster, 'worker', 1))).toEqual({ workers: ['a:1', 'b:1', 'c:1'], index: 2 });
    expect(clusterFromEnvironment(config(cluster, 'chief', 0))).toMatchObject({ index: 0 });
  });

  it('is read from the environment', () => {
    vi.stubEnv('TF_CONFIG', config({ worker: ['a:1', 'b:1'] }, 'worker', 0));
    expect(clusterFromEnvironment()).toEqual({ workers: ['a:1', 'b:1'], index: 0 });
  });

  it.each([undefined, '', '  ', config({ worker: ['a:1'] }, 'worker', 0)])(
    'means one process where it is %s',
    (text) => {
      vi.stubEnv('TF_CONFIG', undefined);
      expect(clusterFromEnvironment(text)).toBeUndefined();
    },
  );

  it.each([
    ['{', /TF_CONFIG is \{: received .*, expected JSON\. Correct the variable/],
    ['{}', /received at "cluster": .*expected a "cluster" of "chief" and "worker"/],
    [config({ worker: ['a:1', 'b:1'] }, 'evaluator', 0), /received at "task\.type"/],
    [config({ worker: ['a:1', 'b:1'] }, 'worker', 2), /received the task worker 2, expected one of the 2 of that type/],
    [config({ worker: ['a:1'], ps: ['b:1'] }, 'worker', 0), /a parameter server \("ps"\), expected workers alone/],
  ])('is an error where it is %s', (text, message) => {
    expect(() => clusterFromEnvironment(text)).toThrow(message);
  });
});

describe('a cluster', () => {
  it.each([
    [{ workers: [], index: 0 }, 'workers must be a list of addresses host:port'],
    [{ workers: ['a:1', 'b'], index: 0 }, 'received "b"'],
    [{ workers: ['a:1', 'b:70000'], index: 0 }, 'received "b:70000"'],
    [{ workers: ['a:1', 'a:1'], index: 0 }, 'received a:1 twice'],
    [{ workers: ['a:1', 'b:1'], index: 2 }, 'index must be a whole number from 0 to 1, received 2'],
    [{ workers: ['a:1', 'b:1'], index: 0, joinSeconds: 0 }, 'joinSeconds must be a number > 0, received 0'],
  ])('that cannot be is an error: %j', async (cluster, message) => {
    await expect(joinCluster(cluster)).rejects.toThrow(message);
  });
});

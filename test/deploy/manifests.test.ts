// No cluster is here: the manifests are held to the form that their API's reference gives, and their shell programs are run.
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { clusterFromEnvironment } from '../../src/cluster/tf-config.ts';
import { root, temporaryFolder } from '../repository.ts';

const labels = z.record(z.string(), z.string());
const quantity = z.string().regex(/^\d+(m|[KMGT]i)?$/);
const resources = z.record(z.enum(['cpu', 'memory']), quantity);
const container = z.strictObject({
  name: z.string(),
  image: z.string(),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()),
  env: z.array(z.strictObject({ name: z.string(), value: z.string() })).optional(),
  ports: z.array(z.strictObject({ name: z.string().max(15), containerPort: z.int() })),
  resources: z.strictObject({ requests: resources, limits: resources }),
  volumeMounts: z.array(z.strictObject({ name: z.string(), mountPath: z.string() })),
});
const pod = z.strictObject({
  subdomain: z.string().optional(),
  restartPolicy: z.enum(['OnFailure', 'Never']).optional(),
  containers: z.array(container).length(1),
  volumes: z.array(
    z.strictObject({ name: z.string(), persistentVolumeClaim: z.strictObject({ claimName: z.string() }) }),
  ),
});
const template = z.strictObject({ metadata: z.strictObject({ labels }), spec: pod });
const metadata = z.strictObject({ name: z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/) });
const resource = z.discriminatedUnion('kind', [
  z.strictObject({
    apiVersion: z.literal('kubeflow.org/v1'),
    kind: z.literal('TFJob'),
    metadata,
    spec: z.strictObject({
      runPolicy: z.strictObject({ cleanPodPolicy: z.enum(['Running', 'All', 'None']), backoffLimit: z.int() }),
      tfReplicaSpecs: z.strictObject({
        Worker: z.strictObject({
          replicas: z.int(),
          restartPolicy: z.enum(['Always', 'OnFailure', 'Never', 'ExitCode']),
          template,
        }),
      }),
    }),
  }),
  z.strictObject({
    apiVersion: z.literal('batch/v1'),
    kind: z.literal('Job'),
    metadata,
    spec: z.strictObject({
      completionMode: z.literal('Indexed'),
      completions: z.int(),
      parallelism: z.int(),
      backoffLimit: z.int(),
      template,
    }),
  }),
  z.strictObject({
    apiVersion: z.literal('v1'),
    kind: z.literal('Service'),
    metadata,
    spec: z.strictObject({
      clusterIP: z.literal('None'),
      publishNotReadyAddresses: z.boolean(),
      selector: labels,
      ports: z.array(z.strictObject({ name: z.string(), port: z.int() })),
    }),
  }),
  z.strictObject({
    apiVersion: z.literal('networking.k8s.io/v1'),
    kind: z.literal('NetworkPolicy'),
    metadata,
    spec: z.strictObject({
      podSelector: z.strictObject({ matchLabels: labels }),
      policyTypes: z.tuple([z.literal('Ingress')]),
      ingress: z.array(
        z.strictObject({
          from: z.array(z.strictObject({ podSelector: z.strictObject({ matchLabels: labels }) })),
          ports: z.array(z.strictObject({ protocol: z.literal('TCP'), port: z.int() })),
        }),
      ),
    }),
  }),
]);
type Resource = z.infer<typeof resource>;

function read<K extends Resource['kind']>(file: string, kind: K): Extract<Resource, { kind: K }> {
  const documents = parseAllDocuments(readFileSync(join(root, 'deploy', file), 'utf8'));
  const resources = documents.map((document) => resource.parse(document.toJS()));
  return resources.find((one) => one.kind === kind) as Extract<Resource, { kind: K }>;
}

/** Runs a shell program with these commands in place of those of a cluster; `npx` gives TF_CONFIG and its arguments. */
function run(
  program: readonly string[],
  env: Readonly<Record<string, string>>,
  commands: Readonly<Record<string, string>>,
) {
  const bin = temporaryFolder();
  for (const [name, text] of Object.entries({ npx: 'printf "%s\\n" "$TF_CONFIG" "$*"', ...commands })) {
    writeFileSync(join(bin, name), `#!/usr/bin/env bash\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const [command, ...args] = program as [string, ...string[]];
  const PATH = `${bin}:${process.env.PATH}`;
  const [config, words] = execFileSync(command, args, { env: { PATH, ...env }, encoding: 'utf8' }).split('\n');
  return { cluster: clusterFromEnvironment(config), words };
}

describe('the job of the training operator', () => {
  const { Worker } = read('kubernetes/training-operator.yaml', 'TFJob').spec.tfReplicaSpecs;

  it('has the container and port that the operator looks for, and lets nobody else to it', () => {
    const [one] = Worker.template.spec.containers;
    expect(one).toMatchObject({ name: 'tensorflow', ports: [{ name: 'tfjob-port', containerPort: 2222 }] });
    const policy = read('kubernetes/training-operator.yaml', 'NetworkPolicy').spec;
    expect(policy.podSelector.matchLabels).toEqual(Worker.template.metadata.labels);
    expect(policy.ingress[0]!.from[0]!.podSelector).toEqual(policy.podSelector);
    expect(policy.ingress[0]!.ports[0]!.port).toBe(2222);
  });
});

describe('the plain job', () => {
  const { spec, metadata: job } = read('kubernetes/indexed-job.yaml', 'Job');
  const service = read('kubernetes/indexed-job.yaml', 'Service');
  const [one] = spec.template.spec.containers;

  it('gives each pod a name by its service', () => {
    expect(spec.template.spec.subdomain).toBe(service.metadata.name);
    expect(spec.template.metadata.labels).toEqual(service.spec.selector);
    expect(read('kubernetes/indexed-job.yaml', 'NetworkPolicy').spec.podSelector.matchLabels).toEqual(
      service.spec.selector,
    );
    expect(spec.completions).toBe(spec.parallelism);
  });

  it('tells each pod of the others', () => {
    const env = Object.fromEntries(one!.env!.map(({ name, value }) => [name, value]));
    expect(Number(env.WORKERS)).toBe(spec.completions);
    const { cluster, words } = run([...one!.command!, ...one!.args], { ...env, JOB_COMPLETION_INDEX: '2' }, {});
    const workers = [0, 1, 2, 3].map((i) => `${job.name}-${i}.${service.metadata.name}:${service.spec.ports[0]!.port}`);
    expect(cluster).toEqual({ workers, index: 2 });
    expect(words).toBe('banyan train experiment.yaml --out /runs/banyan');
  });
});

describe('the script for Slurm', () => {
  const script = [join(root, 'deploy/slurm/train.sh'), 'my experiment.yaml', 'runs/mine'];
  const env = { SLURM_JOB_ID: '7', SLURM_JOB_NODELIST: 'node[1-2]', SLURM_CPUS_PER_TASK: '8', SLURM_PROCID: '1' };
  const scontrol = '[ "$*" = "show hostnames node[1-2]" ] && printf "node1\\nnode2\\n"';

  it('tells each node of the others', () => {
    const { cluster, words } = run(script, env, { scontrol, srun: 'shift; exec "$@"' });
    expect(cluster).toEqual({ workers: ['node1:20007', 'node2:20007'], index: 1 });
    expect(words).toBe('banyan train my experiment.yaml --out runs/mine --set training.threads=8');
  });

  it.each([
    [75, 5],
    [137, 5],
    [1, 1],
    [130, 1],
  ])('starts all again after exit code %d: %d times in all', (code, times) => {
    const log = join(temporaryFolder(), 'log');
    const srun = `echo started >> ${log}; exit ${code}`;
    expect(() => run(script, env, { scontrol, srun })).toThrow(expect.objectContaining({ status: code }));
    expect(readFileSync(log, 'utf8').trim().split('\n')).toHaveLength(times);
  });
});

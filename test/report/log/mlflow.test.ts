import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { of } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type LoggedTraining, logTraining, mlflowLogger } from '../../../src/report/index.ts';
import type { TrainingEvent } from '../../../src/train/index.ts';
import { temporaryFolder } from '../../repository.ts';
import { EVENTS } from '../events.ts';

const root = temporaryFolder();
let count = 0;
const freshFolder = () => join(root, `run-${++count}`);
const network = undefined as unknown as LoggedTraining['network'];

interface Run {
  readonly name: string;
  readonly experiment: string;
  status: string;
  readonly parameters: Record<string, string>;
  readonly metrics: { key: string; value: number; step: number; timestamp: number }[];
}

/** The part of MLflow that is called, in memory. `answer` may take a call for itself. */
class FakeMlflow {
  readonly experiments = new Map<string, string>();
  readonly runs: Run[] = [];
  readonly calls: string[] = [];
  answer: (path: string) => number | undefined = () => undefined;
  readonly #server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [path, query] = request.url!.replace('/api/2.0/mlflow/', '').split('?');
    this.calls.push(path!);
    const status = this.answer(path!);
    if (status !== undefined) return void response.writeHead(status).end('no');
    const body = chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString());
    const result = this.#call(path!, new URLSearchParams(query), body);
    if (result === undefined) return void response.writeHead(404).end('{"error_code":"RESOURCE_DOES_NOT_EXIST"}');
    response.end(JSON.stringify(result));
  });

  async listen(port = 0): Promise<string> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #call(path: string, query: URLSearchParams, body: Record<string, never>): object | undefined {
    const run = this.runs[Number(body.run_id ?? query.get('run_id'))]!;
    switch (path) {
      case 'experiments/get-by-name': {
        const id = this.experiments.get(query.get('experiment_name')!);
        return id === undefined ? undefined : { experiment: { experiment_id: id } };
      }
      case 'experiments/create':
        this.experiments.set(body.name!, String(this.experiments.size));
        return { experiment_id: this.experiments.get(body.name!) };
      case 'runs/create':
        this.runs.push({
          name: body.run_name!,
          experiment: body.experiment_id!,
          status: 'RUNNING',
          parameters: {},
          metrics: [],
        });
        return { run: { info: { run_id: String(this.runs.length - 1) } } };
      case 'runs/get': {
        const last = new Map(run.metrics.map((metric) => [metric.key, metric]));
        return { run: { data: { metrics: [...last.values()] } } };
      }
      case 'runs/update':
        run.status = body.status!;
        return {};
      case 'runs/log-batch': {
        const { metrics = [], params = [] } = body as unknown as { metrics?: Run['metrics']; params?: never[] };
        expect(metrics.length).toBeLessThanOrEqual(1000);
        expect(params.length).toBeLessThanOrEqual(100);
        run.metrics.push(...metrics);
        for (const { key, value } of params) run.parameters[key] = value;
        return {};
      }
    }
    throw new Error(path);
  }
}

const servers: FakeMlflow[] = [];
async function server(): Promise<{ mlflow: FakeMlflow; url: string }> {
  const mlflow = new FakeMlflow();
  servers.push(mlflow);
  return { mlflow, url: await mlflow.listen() };
}
afterEach(async () => {
  for (const mlflow of servers.splice(0)) await mlflow.close();
  vi.restoreAllMocks();
});

const settings = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`training.option-${i}`, i]));
const log = (url: string, folder: string, events: readonly TrainingEvent[]) =>
  logTraining(of(...events), network, {
    loggers: [mlflowLogger({ url, experiment: 'three tasks' })],
    folder,
    name: 'run-1',
    settings: { ...settings, 'tasks.α': true },
  }).close();
const warnings = () => vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
const stepsOf = (run: Run, name: string) => run.metrics.filter(({ key }) => key === name).map(({ step }) => step);
const resumedAt = (step: number): TrainingEvent => ({ ...EVENTS[0]!, step }) as TrainingEvent;

describe('the log on MLflow', () => {
  it('is one run of the experiment, with settings and numbers', async () => {
    const { mlflow, url } = await server();
    await log(`${url}/`, freshFolder(), EVENTS);
    expect([...mlflow.experiments]).toEqual([['three tasks', '0']]);
    const [run] = mlflow.runs;
    expect(run).toMatchObject({ name: 'run-1', experiment: '0', status: 'FINISHED' });
    expect(Object.keys(run!.parameters).length).toBe(151);
    expect(run!.parameters).toMatchObject({ 'training.option-7': '7', 'tasks._': 'true' });
    expect(stepsOf(run!, 'loss/shapes')).toEqual([1, 2, 3]);
    expect(run!.metrics.find(({ key, step }) => key === 'loss/long-name' && step === 2)?.value).toBe(2);
    expect(run!.metrics.find(({ key }) => key === 'validation/shapes/accuracy')).toMatchObject({
      value: 0.75,
      step: 2,
    });
    expect(Math.abs(run!.metrics[0]!.timestamp - Date.now())).toBeLessThan(60_000);
    await log(url, freshFolder(), EVENTS);
    expect(mlflow.experiments.size).toBe(1);
    expect(mlflow.runs.length).toBe(2);
  });

  it('goes on in the same run, without a step twice', async () => {
    const { mlflow, url } = await server();
    const folder = freshFolder();
    await log(url, folder, EVENTS.slice(0, 6));
    expect(mlflow.runs[0]!.status).toBe('FAILED');
    await log(url, folder, [resumedAt(1), ...EVENTS.slice(2)]);
    expect(mlflow.runs.length).toBe(1);
    expect(mlflow.runs[0]!.status).toBe('FINISHED');
    for (const name of ['loss/shapes', 'training/learning-rate'])
      expect(stepsOf(mlflow.runs[0]!, name)).toEqual([1, 2, 3]);
    expect(stepsOf(mlflow.runs[0]!, 'validation/shapes/accuracy')).toEqual([2]);
    expect(JSON.parse(readFileSync(join(folder, 'mlflow.json'), 'utf8'))).toEqual({ url, run: '0' });
  });

  it.each([
    ['steps', 'FINISHED'],
    ['patience', 'FINISHED'],
    ['stopped', 'KILLED'],
  ] as const)('says how it ended: %s', async (reason, status) => {
    const { mlflow, url } = await server();
    await log(url, freshFolder(), [...EVENTS.slice(0, 2), { kind: 'end', step: 1, reason }]);
    expect(mlflow.runs[0]!.status).toBe(status);
  });

  it('begins another run where the server has lost the first, or the training begins anew', async () => {
    const first = await server();
    const folder = freshFolder();
    await log(first.url, folder, EVENTS.slice(0, 3));
    first.mlflow.answer = (path) => (path === 'runs/get' ? 404 : undefined);
    await log(first.url, folder, [resumedAt(2), ...EVENTS.slice(5)]);
    expect(first.mlflow.runs.map((run) => stepsOf(run, 'loss/shapes'))).toEqual([[1, 2], [3]]);
    await log(first.url, folder, EVENTS);
    expect(first.mlflow.runs.length).toBe(3);
  });

  it('sends more numbers than a request takes in several', async () => {
    const { mlflow, url } = await server();
    const many = Array.from({ length: 900 }, (_, i) => ({ ...EVENTS[1]!, step: i + 1 }) as TrainingEvent);
    await log(url, freshFolder(), [EVENTS[0]!, ...many, EVENTS.at(-1)!]);
    expect(stepsOf(mlflow.runs[0]!, 'loss/shapes')).toEqual(many.map(({ step }) => step));
    expect(mlflow.calls.filter((path) => path === 'runs/log-batch').length).toBeGreaterThan(4);
  });

  it('warns once while the server does not answer, and sends what it kept as soon as it does', async () => {
    const { mlflow, url } = await server();
    const warn = warnings();
    mlflow.answer = () => 503;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const writer = mlflowLogger({ url }).open({ network, folder: freshFolder(), name: 'run', settings: {} });
    for (const event of EVENTS.slice(0, 2)) writer.write(event);
    await vi.advanceTimersByTimeAsync(1000);
    await vi.waitFor(() => expect(warn).toHaveBeenCalledTimes(1));
    writer.write(EVENTS[2]!);
    await vi.waitFor(async () => {
      await vi.advanceTimersByTimeAsync(5000);
      expect(mlflow.calls.length).toBeGreaterThan(2);
    });
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      `MLflow at ${url} cannot be reached: GET experiments/get-by-name was answered by 503: no. The training goes on; its numbers are kept, and sent as soon as that works again.`,
    ]);
    mlflow.answer = () => undefined;
    vi.useRealTimers();
    for (const event of EVENTS.slice(3)) writer.write(event);
    await writer.close();
    expect(stepsOf(mlflow.runs[0]!, 'loss/shapes')).toEqual([1, 2, 3]);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it('ends with a warning where there is no server at all', async () => {
    const { mlflow, url } = await server();
    servers.pop();
    await mlflow.close();
    const warn = warnings();
    await log(url, freshFolder(), EVENTS);
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      expect.stringMatching(/^MLflow at http:\S+ cannot be reached: fetch failed \(.*ECONNREFUSED.*\)\. The training/),
      `19 numbers of the training were not sent to MLflow at ${url}.`,
    ]);
  });

  it('gives up where the server refuses', async () => {
    const { mlflow, url } = await server();
    const warn = warnings();
    mlflow.answer = (path) => (path === 'runs/create' ? 403 : undefined);
    await log(url, freshFolder(), EVENTS);
    expect(warn.mock.calls[0]![0]).toBe(
      `The log on MLflow at ${url} ends: POST runs/create was answered by 403: no. The training goes on without.`,
    );
    expect(mlflow.calls.filter((path) => path === 'runs/create').length).toBe(1);
  });

  // BANYAN_MLFLOW: the address of a server (pip install mlflow; mlflow server --port 5077).
  it.skipIf(process.env.BANYAN_MLFLOW === undefined)(
    'is what a real server understands',
    { timeout: 60_000 },
    async () => {
      const url = process.env.BANYAN_MLFLOW!;
      const folder = freshFolder();
      const warn = warnings();
      await log(url, folder, EVENTS.slice(0, 6));
      await log(url, folder, [resumedAt(1), ...EVENTS.slice(2)]);
      expect(warn).not.toHaveBeenCalled();
      const { run } = JSON.parse(readFileSync(join(folder, 'mlflow.json'), 'utf8')) as { run: string };
      const ask = async (path: string) => (await fetch(`${url}/api/2.0/mlflow/${path}`)).json();
      const history = await ask(`metrics/get-history?run_id=${run}&metric_key=loss/shapes`);
      expect(history.metrics.map(({ step, value }: { step: number; value: number }) => [step, value])).toEqual([
        [1, 2],
        [2, 1],
        [3, 0.5],
      ]);
      const { info, data } = (await ask(`runs/get?run_id=${run}`)).run;
      expect([info.status, info.run_name, data.params.length]).toEqual(['FINISHED', 'run-1', 151]);
    },
  );

  it('says what an address is', () => {
    const wrong =
      'mlflowLogger: url must be an address such as http://127.0.0.1:5000, without a password in it, received';
    expect(() => mlflowLogger({ url: 'localhost' })).toThrow(
      `${wrong} "localhost". Give the address of the tracking server.`,
    );
    expect(() => mlflowLogger({ url: 'http://me:secret@host' })).toThrow(wrong);
  });
});

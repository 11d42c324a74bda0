import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { notes, sentences, shapes } from 'banyan-ml/tasks';
import { connectable, lastValueFrom, toArray } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  createNetwork,
  logTraining,
  type Network,
  resume,
  type StepEvent,
  type TrainOptions,
  tensorBoardLogger,
  train,
  transformerTrunk,
} from '../../../src/index.ts';
import { internals } from '../../../src/network/index.ts';
import { records } from '../../../src/report/log/event-file.ts';
import { hasOperations, startRuntime } from '../../../src/runtime/index.ts';
import { root, temporaryFolder } from '../../repository.ts';

await startRuntime();
const folder = temporaryFolder();
const build = () =>
  createNetwork({
    trunk: transformerTrunk({ width: 16, depth: 1, heads: 2 }),
    tasks: [shapes, notes, sentences],
    seed: 1,
  }) as Promise<Network>;
const settings = { 'training.batch': 8, name: 'x', shared: true };
const options = { steps: 6, batch: 8, evaluateEvery: 3, evaluateExamples: 16 };

/** Trains with a log; gives the events. */
async function logged(network: Network, log: string, more: Partial<TrainOptions> = {}, from?: string) {
  const all = { ...options, ...more };
  const events = connectable(from === undefined ? train(network, all) : resume(network, from, all));
  const logs = logTraining(events, network, { loggers: [tensorBoardLogger()], folder: log, name: 'run', settings });
  const told = lastValueFrom(events.pipe(toArray()));
  events.connect();
  return told.finally(() => logs.close());
}

type Fields = ReadonlyMap<number, readonly (Uint8Array | bigint | number)[]>;

/** The fields of a message, by their numbers. */
function fieldsOf(message: Uint8Array): Fields {
  const reader = new BinaryReader(message);
  const fields = new Map<number, (Uint8Array | bigint | number)[]>();
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    const value =
      type === 2 ? reader.bytes() : type === 5 ? reader.float() : type === 1 ? reader.double() : BigInt(reader.int64());
    fields.set(field, [...(fields.get(field) ?? []), value]);
  }
  return fields;
}
const bytesIn = (fields: Fields, field: number) => fields.get(field)?.[0] as Uint8Array | undefined;
const textOf = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

/** All values in the event files of a folder, in their order. */
function valuesIn(log: string): { step: number; tag: string; value: Fields }[] {
  const files = readdirSync(join(log, 'tensorboard')).sort();
  return files.flatMap((name) =>
    Array.from(records(readFileSync(join(log, 'tensorboard', name))), ({ data }) => fieldsOf(data)).flatMap((event) => {
      const summary = bytesIn(event, 5);
      if (summary === undefined) return [];
      const values = (fieldsOf(summary).get(1) ?? []).map((value) => fieldsOf(value as Uint8Array));
      return values.map((value) => ({
        step: Number(event.get(2)?.[0] ?? 0),
        tag: textOf(bytesIn(value, 1)),
        value,
      }));
    }),
  );
}
const stepsOf = (values: ReturnType<typeof valuesIn>, tag: string) =>
  values.filter((value) => value.tag === tag).map(({ step }) => step);
const weightsOf = (network: Network) =>
  internals(network)
    .body.store.all()
    .map(({ tensor }) => [...tensor.dataSync()]);

afterEach(() => void vi.restoreAllMocks());

describe.skipIf(!hasOperations())('the log for TensorBoard (needs TensorFlow)', () => {
  it('has curves, weights, pictures, sounds, words and settings, and changes nothing', async () => {
    const log = join(folder, 'whole');
    const [network, other] = [await build(), await build()];
    const events = await logged(network, log);
    await lastValueFrom(train(other, options));
    expect(weightsOf(network)).toEqual(weightsOf(other));
    const values = valuesIn(log);
    const last = events.findLast((event): event is StepEvent => event.kind === 'step')!;
    expect(stepsOf(values, 'loss/shapes')).toEqual([1, 2, 3, 4, 5, 6]);
    expect(values.findLast(({ tag }) => tag === 'loss/notes')!.value.get(2)).toEqual([Math.fround(last.losses.notes!)]);
    expect(stepsOf(values, 'validation/sentences/accuracy')).toEqual([3, 6]);
    for (const { name, tensor } of internals(network).body.store.all()) {
      const written = values.filter(({ tag }) => tag === `weights/${name}`);
      expect(
        written.map(({ step }) => step),
        name,
      ).toEqual([3, 6]);
      // HistogramProto: min, max, num. The last are the weights as they are.
      const histogram = fieldsOf(bytesIn(written[1]!.value, 5)!);
      const numbers = [...tensor.dataSync()];
      expect(histogram.get(1) ?? [0]).toEqual([Math.min(...numbers)]);
      expect(histogram.get(3)).toEqual([tensor.size]);
    }
    const find = (tag: string) => values.findLast((value) => value.tag === tag)!.value;
    const picture = fieldsOf(bytesIn(find('shapes/0/image'), 4)!);
    expect([...bytesIn(picture, 4)!.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]); // PNG
    const sound = fieldsOf(bytesIn(find('notes/0/audio'), 6)!);
    expect(textOf(bytesIn(sound, 4)!.subarray(0, 4))).toBe('RIFF');
    const words = fieldsOf(bytesIn(find('sentences/0/text'), 8)!);
    expect(textOf(bytesIn(words, 8))).toMatch(/predicted: .* \(\d\.\d\d\)\n\nexpected: /s);
    expect(stepsOf(values, '_hparams_/session_start_info')).toEqual([0]);
    for (const trained of [network, other]) trained.dispose();
  });

  it('goes on in a resumed training without a step twice', async () => {
    const [log, checkpoints] = [join(folder, 'parts'), join(folder, 'checkpoints')];
    const checkpoint = { folder: checkpoints, every: 2 };
    const first = await build();
    await logged(first, log, { checkpoint, stop: (event) => event.kind === 'step' && event.step === 4 });
    first.dispose();
    // What a killed process had written since: whole records, and a part of one.
    const [name] = readdirSync(join(log, 'tensorboard'));
    const file = join(log, 'tensorboard', name!);
    const bytes = readFileSync(file);
    const ends = [...records(bytes)];
    const { data, end } = ends.at(-1)!;
    const later = Buffer.from(bytes.subarray(end - data.length - 16, end));
    later[later.indexOf(Buffer.from([0x10, 4])) + 1] = 5;
    writeFileSync(file, Buffer.concat([bytes, later, later.subarray(0, 20)]));
    expect(valuesIn(log).at(-1)!.step).toBe(5);

    const second = await build();
    await logged(second, log, { checkpoint }, checkpoints);
    second.dispose();
    const values = valuesIn(log);
    for (const tag of ['loss/shapes', 'training/gradient-norm'])
      expect(stepsOf(values, tag)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(stepsOf(values, 'validation/shapes/accuracy')).toEqual([3, 6]);
    expect(stepsOf(values, '_hparams_/session_start_info')).toEqual([0]);
    expect(readdirSync(join(log, 'tensorboard')).length).toBe(2);
  });

  it('ends with a warning, and the training goes on, where it cannot be written', async () => {
    const log = join(folder, 'blocked');
    writeFileSync(log, 'in the way');
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const network = await build();
    const events = await logged(network, log);
    network.dispose();
    expect(events.at(-1)).toMatchObject({ kind: 'end', reason: 'steps' });
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      expect.stringMatching(
        /^The log for TensorBoard in .*blocked.tensorboard ends: .*\. The training goes on without\.$/,
      ),
    ]);
  });

  // BANYAN_TENSORBOARD: a Python with tensorboard (pip install tensorboard).
  it.skipIf(process.env.BANYAN_TENSORBOARD === undefined)('is read by TensorBoard', async () => {
    const log = join(folder, 'read');
    const network = await build();
    const events = await logged(network, log);
    network.dispose();
    const script = join(root, 'test/report/log/read-back.py');
    const read = JSON.parse(
      execFileSync(process.env.BANYAN_TENSORBOARD!, [script, join(log, 'tensorboard')], { encoding: 'utf8' }),
    );
    const losses = events.flatMap((event) =>
      event.kind === 'step' ? [[event.step, Math.fround(event.losses.shapes!)]] : [],
    );
    expect(read.scalars['loss/shapes']).toEqual(losses);
    expect(Object.keys(read.scalars)).toContain('validation/notes/accuracy');
    expect(read.histograms['weights/head/shapes/logits/kernel'].map(([step]: number[]) => step)).toEqual([3, 6]);
    expect(read.images['shapes/0/image'][0].slice(1)).toEqual([28, 28]);
    expect(read.audio['notes/0/audio'][0]).toEqual([3, 8000, 'audio/wav']);
    expect(read.texts['sentences/0/text'][0][1]).toContain('expected: ');
    expect(read.hparams).toEqual(settings);
  });
});

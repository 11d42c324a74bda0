import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type InitAnswers, init } from '../../src/cli/init/init.ts';
import { lookAtData } from '../../src/cli/init/look.ts';
import { dataName, proposeInputs, proposeTargets, taskName } from '../../src/cli/init/propose.ts';
import { temporaryFolder } from '../repository.ts';
import { banyan } from './command.ts';

const folder = temporaryFolder();
const houses = join(folder, 'my houses.csv');
const rows = Array.from({ length: 90 }, (_, i) => {
  const [area, rooms] = [40 + ((i * 37) % 100), 1 + (i % 5)];
  return [
    i + 1,
    area,
    rooms,
    ['Elm', 'Oak', 'Ash'][i % 3],
    i % 4 === 0 ? 'test' : 'train',
    area > 90 ? 'yes' : 'no',
    3 * area + rooms,
  ];
});
writeFileSync(houses, `id,area,rooms,street,part,sold,price (k)\n${rows.map((row) => row.join(',')).join('\n')}\n`);

const proposed = async (answers: InitAnswers, ask?: Parameters<typeof init>[1]) => {
  const out = await init(answers, ask);
  const text = readFileSync(out, 'utf8');
  return { text, experiment: parse(text) };
};

describe('banyan init', () => {
  it('tells what columns look like, and proposes what to read and to predict', async () => {
    const look = await lookAtData(houses);
    expect(look.columns.map(({ name, like }) => [name, like])).toEqual([
      ['id', 'rows'],
      ['area', 'numbers'],
      ['rooms', 'numbers'],
      ['street', 'words'],
      ['part', 'splits'],
      ['sold', 'words'],
      ['price (k)', 'numbers'],
    ]);
    expect(proposeTargets(look)).toEqual(['price (k)']);
    expect(proposeInputs(look, ['price (k)'])).toEqual(['area', 'rooms', 'street', 'sold']);
    const named = { ...look, columns: [{ name: 'Label', like: 'words' as const }, ...look.columns] };
    expect(proposeTargets(named)).toEqual(['Label']);
  });

  it('writes what is proposed where nobody is asked', async () => {
    const { text, experiment } = await proposed({ data: houses, out: join(folder, 'a.yaml') });
    expect(experiment).toEqual({
      data: { 'my-houses': { file: 'my houses.csv', split: { column: 'part' } } },
      trunk: { kind: 'dense', width: 64, depth: 2 },
      tasks: {
        'price-k': { data: 'my-houses', inputs: ['area', 'rooms', 'street', 'sold'], target: 'price (k)' },
      },
      training: { steps: 500, batch: 32 },
    });
    expect(text.split('\n').length).toBeLessThan(10);
  });

  it('asks four questions, and takes the proposal for an empty answer', async () => {
    const asked: string[] = [];
    const out = join(folder, 'b.yaml');
    const answers = [houses, 'sold, price (k)', undefined, out];
    const { experiment } = await proposed({}, async (question, proposal) => {
      asked.push(question);
      return answers[asked.length - 1] ?? proposal!;
    });
    expect(asked).toEqual([
      'Which file or folder holds the data?',
      'Columns: id, area, rooms, street, part, sold, price (k)\nWhich are to be predicted?',
      'Which are to be read?',
      'Where to write the experiment?',
    ]);
    expect(Object.keys(experiment.tasks)).toEqual(['sold', 'price-k']);
    expect(experiment.tasks.sold.inputs).toEqual(['area', 'rooms', 'street']);
  });

  it('takes texts by attention, writes them by a decoder, and a folder by its classes', async () => {
    const notes = join(folder, 'notes.jsonl');
    const words = ['the pear is ripe', 'a plum falls down now', 'who ate the last one', 'nobody saw the old cat'];
    writeFileSync(notes, words.map((note, i) => JSON.stringify({ note, stars: i })).join('\n'));
    const read = await proposed({ data: notes, out: join(folder, 'c.yaml'), targets: ['stars'], inputs: ['note'] });
    expect(read.experiment.trunk).toEqual({ kind: 'transformer', width: 64, depth: 2, heads: 4 });
    const written = await proposed({ data: notes, out: join(folder, 'd.yaml'), targets: ['note'], inputs: ['stars'] });
    expect(written.experiment.trunk.decoder).toBe(1);

    const birds = join(folder, 'birds');
    for (const name of ['owl', 'wren']) {
      mkdirSync(join(birds, name), { recursive: true });
      for (let i = 0; i < 3; i++) writeFileSync(join(birds, name, `${i}.png`), '');
    }
    const { experiment } = await proposed({ data: birds, out: join(folder, 'e.yaml') });
    expect(experiment.data.birds.folder).toBe('birds');
    expect(experiment.tasks.label).toEqual({ data: 'birds', inputs: ['file'], target: 'label' });
    expect(experiment.trunk.kind).toBe('transformer');
    expect(experiment.training.evaluateEvery).toBe(100);
  });

  it('names data and tasks as an experiment can name them', () => {
    expect(dataName('/x/2024 sales.v2.csv.gz')).toBe('sales-v2');
    expect(dataName('数据.csv')).toBe('rows');
    expect(taskName('shapes', ['shapes'])).toBe('shapes-of-file');
    expect(taskName('1st & 2nd', [])).toBe('st-2nd');
  });

  it.each([
    [
      {},
      'init: expected a file of rows (CSV, JSON Lines, Parquet), or a folder of pictures or sounds, received none. Name it.',
    ],
    [
      { data: houses, targets: ['prize (k)'] },
      'my houses.csv has no column "prize (k)" to predict. Expected some of: id, area, rooms, street, part, sold, price (k). Did you mean "price (k)"?',
    ],
    [
      { data: houses, targets: ['sold'], inputs: ['sold'] },
      'init: "sold" is to be read and to be predicted, expected one of both.',
    ],
    [{ data: houses, inputs: [] }, 'init: no column to read, expected some of: id, area,'],
    [{ data: join(folder, 'none.csv') }, 'none.csv'],
    [
      { data: houses, out: houses },
      'my houses.csv is there already, expected a new file. Remove it, or choose another by --out.',
    ],
  ])('says what is wrong (%#)', async (answers, message) => {
    await expect(init(answers)).rejects.toThrow(message);
  });

  it('writes an experiment that trains, and whose run predicts the file', async () => {
    const [out, run] = [join(folder, 'houses.yaml'), join(folder, 'run')];
    const written = await banyan(['init', houses, '--target', 'sold,price (k)', '--out', out]);
    expect(written).toEqual({ code: 0, stdout: `Wrote ${out}. Train it by: npx banyan train ${out}\n`, stderr: '' });
    const trained = await banyan(['train', out, '--steps', '20', '--out', run]);
    expect(trained.code).toBe(0);
    const { code, stdout } = await banyan(['predict', run, houses]);
    expect(code).toBe(0);
    expect(stdout.split('\n')[0]).toBe(
      'id,area,rooms,street,part,sold,price (k),sold_predicted,sold_probability_no,sold_probability_yes,price-k_predicted',
    );
    expect(stdout.trimEnd().split('\n')).toHaveLength(91);
  });
});

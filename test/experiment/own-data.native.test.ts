// Tasks that an experiment describes over one's own rows, from the file to a prediction.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { dataSet, dataTask, dataTasks } from '../../heads/fields.ts';
import { findData } from '../../src/data/index.ts';
import { buildTrainOptions } from '../../src/experiment/build.ts';
import { loadExperiment } from '../../src/experiment/load.ts';
import { createNetwork, denseTrunk, evaluate, train, transformerTrunk } from '../../src/index.ts';
import { internals } from '../../src/network/index.ts';
import { RandomStream } from '../../src/random/index.ts';
import { buildNetwork, openSession, restoreNetwork } from '../../src/study/run/session.ts';
import { startRun } from '../../src/study/run/start.ts';
import { NO_NETWORK } from '../../src/task/index.ts';
import { root, temporaryFolder } from '../repository.ts';

const place = temporaryFolder();
const STREETS = { 'Oak St': 0, 'Elm St': 50, 'Main St': -30 };

/**
 * Prices are linear in area, rooms and street; a house is sold where it is large for its rooms. Of every 17th row the area is missing, and of
 * every 31st whether it is sold.
 */
function housesCsv(rows: number): string {
  const names = Object.keys(STREETS) as (keyof typeof STREETS)[];
  const random = new RandomStream(3, 'houses');
  const lines = Array.from({ length: rows }, (_, i) => {
    const [area, rooms, street] = [40 + random.integer(160), 1 + random.integer(6), names[random.integer(3)]!];
    const price = 2 * area + 30 * rooms + STREETS[street];
    const date = `20${10 + random.integer(12)}-0${1 + random.integer(9)}-1${random.integer(9)}`;
    return `${i % 17 ? area : ''},${rooms},"${street}",${date},${price},${i % 31 ? (area > 30 * rooms ? 'yes' : 'no') : ''}`;
  });
  return ['Größe (m²),rooms,street,built,price,sold', ...lines, ''].join('\n');
}

const INPUTS = "['Größe (m²)', rooms, street, built]";
const EXPERIMENT = `
data:
  houses: { file: houses.csv, split: { test: { every: 5 }, validation: 0.1 } }
trunk: { kind: dense, width: 32, depth: 2 }
tasks:
  price: { data: houses, inputs: ${INPUTS}, target: price }
  sold: { data: houses, inputs: ${INPUTS}, target: { column: sold, kind: class, weights: balanced } }
training: { steps: 200, batch: 32, optimizer: { kind: adamw, learningRate: 0.01 } }
`;

const folder = join(place, 'houses');
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const load = () => loadExperiment(join(folder, 'houses.yaml'));

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  write('houses.csv', housesCsv(600));
  write('houses.yaml', EXPERIMENT);
});

describe('an experiment over rows of a file', () => {
  const run = join(place, 'run');

  it('tells what each column is, and that is written beside the run', async () => {
    const session = await openSession(await load());
    expect(session.tasks.map(({ name }) => name)).toEqual(['price', 'sold']);
    const { inputs, target } = session.fields.houses!.tasks.price!;
    expect(inputs).toEqual([
      {
        name: 'number',
        columns: ['Größe (m²)', 'rooms'],
        kind: { kind: 'number' },
        guessed: { 'Größe (m²)': 'numbers', rooms: 'numbers' },
      },
      { name: 'street', columns: ['street'], kind: { kind: 'category' }, guessed: { street: '3 words that repeat' } },
      { name: 'built', columns: ['built'], kind: { kind: 'date' }, guessed: { built: 'dates' } },
    ]);
    expect(target).toMatchObject({ columns: ['price'], kind: { kind: 'number' }, guessed: { price: 'numbers' } });
    const { source } = session.tasks[0]!;
    expect(session.tasks[1]!.source).toBe(source);
    expect(source.counts).toEqual({ training: 432, validation: 48, test: 120 });
    const ending = await startRun(session, run, { signal: new AbortController().signal, tell: () => {} });
    expect(ending).toBe('done');
    const saved = JSON.parse(readFileSync(join(run, 'fields.json'), 'utf8')) as typeof session.fields;
    expect(saved).toEqual(JSON.parse(JSON.stringify(session.fields)));
  });

  it('learns both targets on one batch of inputs', async () => {
    const { metrics } = JSON.parse(readFileSync(join(run, 'result.json'), 'utf8')) as {
      metrics: Record<string, Record<string, Record<string, number>>>;
    };
    const { price, sold } = metrics;
    // The deviation of the prices is about 110.
    expect(price!.rmse).toBeLessThan(30);
    expect(sold!.accuracy).toBeGreaterThan(0.9);
  });

  it('predicts where the file is gone, by what is written beside the run', async () => {
    const { readRun } = await import('../../src/study/run/folder.ts');
    const csv = join(folder, 'houses.csv');
    const text = readFileSync(csv);
    rmSync(csv);
    try {
      const session = await openSession(await readRun(run));
      const { network } = await restoreNetwork(session, run);
      const sold = session.tasks.find(({ name }) => name === 'sold')!;
      const row = { 'Größe (m²)': '190', rooms: '2', street: 'Elm St', built: null };
      const [prediction] = await network.predict('sold', [await sold.fromRow!(row, { row: 'line 1', folder })]);
      expect(prediction).toMatchObject({ label: 'yes' });
      network.dispose();
    } finally {
      writeFileSync(csv, text);
    }
  });

  it('names the cell that is not of its kind, and says the mend', async () => {
    write('houses.csv', housesCsv(600).replace(/\n\d+,/, '\nNA,'));
    try {
      await expect(openSession(await load())).rejects.toThrow(
        /houses\.csv, line \d+, column "Größe \(m²\)": expected a number, received "NA"\. Correct the cell, say `missing: \["NA"\]`/,
      );
    } finally {
      write('houses.csv', housesCsv(600));
    }
  });

  it('names a column, a data set and a key that are not there', async () => {
    const broken = (from: string, to: string) => {
      write('broken.yaml', EXPERIMENT.replaceAll(from, to));
      return loadExperiment(join(folder, 'broken.yaml')).then(openSession);
    };
    await expect(broken('rooms, street', 'roms, street')).rejects.toThrow(
      'task "price": input "roms": there is no column "roms". Expected one of: Größe (m²), rooms, street, built, price, sold. Did you mean "rooms"?',
    );
    await expect(broken('data: houses', 'data: house')).rejects.toThrow(
      'tasks.price.data must be one of `data`: houses, received "house". Did you mean "houses"?',
    );
    await expect(broken(', target: price', '')).rejects.toThrow(
      'tasks.price.target must be there beside data and inputs',
    );
    await expect(broken('kind: class, weights', 'kind: class, weight')).rejects.toThrow(/weight is no option of class/);
    await expect(broken('kind: class', 'kind: clas')).rejects.toThrow('Did you mean "class"?');
  });
});

describe('tasks over rows from a program', () => {
  it('share stems and batches, and learn', async () => {
    const houses = dataSet({ file: join(folder, 'houses.csv'), split: { test: { every: 5 } } });
    const { price, sold } = await dataTasks(houses, {
      price: { inputs: ['rooms', 'street'], target: 'price' },
      sold: { inputs: { rooms: null, street: 'category' }, target: 'sold' },
    });
    const rooms = await dataTask({ name: 'rooms', data: houses, inputs: ['street', 'price'], target: 'rooms' });
    expect(price.source).toBe(sold.source);
    expect(rooms.source).not.toBe(sold.source);
    const network = await createNetwork({ trunk: denseTrunk({ width: 16, depth: 1 }), tasks: [price, sold] as never });
    const [first, second] = internals(network).body.tasks;
    expect(first!.input).toBe(second!.input);
    await lastValueFrom(train(network, { steps: 5, batch: 16 }).pipe(toArray()));
    expect(Object.keys(await evaluate(network))).toEqual(['price', 'sold']);
    network.dispose();
  });

  it('warn of a column that gives the target away', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const houses = dataSet({ file: join(folder, 'houses.csv') });
    await dataTask({ name: 'copy', data: houses, inputs: ['price', 'rooms'], target: 'price' });
    const said = warn.mock.calls.map(([text]) => String(text));
    warn.mockRestore();
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('column "price" is equal to the target "price"');
  });

  it('read a cell that stands for a missing one alike while they train and when they predict', async () => {
    write(
      'missing.csv',
      `a,b\n${Array.from({ length: 30 }, (_, i) => `${i % 4 ? i : 'NA'},${i % 3 ? 'x' : 'y'}`).join('\n')}\n`,
    );
    const data = dataSet({ file: join(folder, 'missing.csv'), missing: ['NA'] });
    const { b } = await dataTasks(data, { b: { inputs: ['a'], target: 'b' } });
    const examples = await b.source.read('training', [0, 1, 2, 3, 4, 5, 6, 7], NO_NETWORK);
    expect(examples.some(({ input }) => (input as unknown[])[0] === undefined)).toBe(true);
    expect(await b.fromRow!({ a: 'NA' }, { row: 'line 2', folder })).toEqual([undefined]);
  });

  it('refuse a row that lacks one of their columns, which is not a cell that is missing', async () => {
    const data = dataSet({ file: join(folder, 'houses.csv') });
    const { price } = await dataTasks(data, { price: { inputs: ['rooms', 'street'], target: 'price' } });
    const read = (row: Record<string, unknown>) => async () => price.fromRow!(row, { row: 'new.csv, line 2', folder });
    await expect(read({ rooms: '2', street: null })()).resolves.toEqual({ rooms: [2], street: [undefined] });
    await expect(read({ '2': '3', 'Elm St': 'Oak St' })).rejects.toThrow(
      'new.csv, line 2: there is no column "rooms", expected rooms, street, received 2, Elm St. Name the columns, with empty cells (null in JSON) where one is not known.',
    );
    await expect(read({ rooms: '2', stret: 'Elm St' })).rejects.toThrow('received rooms, stret. Did you mean "stret"?');
  });

  it('list the rows that are left out', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const rows = Array.from({ length: 40 }, (_, i) => (i % 13 ? `${i},${2 * i}` : `${i}`));
    write('bad.csv', `a,b\n${rows.join('\n')}\n`);
    await dataSet({ file: join(folder, 'bad.csv'), skip: 4 }).open();
    const said = warn.mock.calls.map(([text]) => String(text));
    warn.mockRestore();
    const line = (number: number) => `${join(folder, 'bad.csv')}, line ${number}: expected 2 fields (a, b), received 1`;
    expect(said).toEqual([
      `${join(folder, 'bad.csv')}: 4 of its rows cannot be read and are left out, as \`skip\` permits.\n${[2, 15, 28, 41].map(line).join('\n')}`,
    ]);
  });

  it('refuse a target with one class, and an option that is wrong', async () => {
    write('one.csv', 'a,b\n1,x\n2,x\n3,x\n4,x\n');
    const one = dataSet({ file: join(folder, 'one.csv') });
    await expect(
      dataTask({ name: 'one', data: one, inputs: ['a'], target: { column: 'b', kind: 'class' } }),
    ).rejects.toThrow('has the one class "x", expected two or more');
    expect(() => dataSet({ file: 'a.csv', folder: 'b' })).toThrow('either file or folder');
    expect(dataSet({ folder: 'b', label: 'folder' }).options).toEqual(dataSet({ folder: 'b' }).options);
    expect(() => dataSet({ file: 'a.csv', label: 'folder' })).toThrow('label must be left out beside a file');
    expect(() => dataSet({ folder: 'b', label: 'name' as never })).toThrow('label must be "folder"');
    expect(() => dataSet({ file: 'a.csv', split: { test: 2 } as never })).toThrow(/split/);
  });
});

// Data sets are no part of the package.
describe.skipIf(findData('tabular/energy-efficiency') === undefined)('the example of buildings', () => {
  it('learns two numbers from eight columns, far below their deviations', async () => {
    const session = await openSession(
      await loadExperiment(join(root, 'examples/energy.yaml'), { 'training.steps': 200 }),
    );
    const network = await buildNetwork(session);
    await lastValueFrom(
      train(network, buildTrainOptions(session.loaded.experiment, join(place, 'buildings'))).pipe(toArray()),
    );
    const { heating, cooling } = (await evaluate(network)) as Record<string, Record<string, number>>;
    // A linear model has 2.96 and 3.46; without learning it is about 10.
    expect(heating!.rmse).toBeLessThan(2.5);
    expect(cooling!.rmse).toBeLessThan(3);
    network.dispose();
  });
});

describe.skipIf(findData('text/snips-nlu') === undefined)('the example of intents and slots', () => {
  it('learns two tasks on one input, far above chance', async () => {
    const session = await openSession(
      await loadExperiment(join(root, 'examples/snips.yaml'), { 'training.steps': 200 }),
    );
    const network = await buildNetwork(session);
    const options = buildTrainOptions(session.loaded.experiment, join(place, 'snips'), session.found.container);
    await lastValueFrom(train(network, options).pipe(toArray()));
    const { slots, intent } = (await evaluate(network)) as Record<string, Record<string, number>>;
    // One of seven intents; most words are in no slot, so that of the spans nothing is right without learning.
    expect(intent!.accuracy).toBeGreaterThan(0.8);
    expect(slots!['span-f1']).toBeGreaterThan(0.3);
    network.dispose();
  });
});

describe.skipIf(findData('text/sms-spam') === undefined)('the example of spam', () => {
  it('learns from the file as it is found', async () => {
    const session = await openSession(await loadExperiment(join(root, 'examples/spam.yaml'), { 'training.steps': 60 }));
    expect(session.tasks[0]!.source.counts.test).toBe(1115);
    const network = await buildNetwork(session);
    const options = buildTrainOptions(session.loaded.experiment, join(place, 'spam'), session.found.container);
    await lastValueFrom(train(network, options).pipe(toArray()));
    const { spam } = (await evaluate(network)) as Record<string, Record<string, number>>;
    // One message of eight is spam: always saying so has 0.24, never 0.
    expect(spam!['f1-binary']).toBeGreaterThan(0.7);
    network.dispose();
  });
});

describe.skipIf(findData('vision/omniglot-small1') === undefined)('the example of alphabets', () => {
  it('has a task for each folder of an archive, all on one stem, and learns', async () => {
    const session = await openSession(
      await loadExperiment(join(root, 'examples/alphabets.yaml'), { 'training.steps': 25, 'training.batch': 16 }),
    );
    const counts = session.tasks.map(({ name, source }) => [name, source.counts.test]);
    // Five of twenty drawings of each of 24, 22, 24, 40 and 26 characters.
    expect(counts).toEqual([
      ['greek', 120],
      ['aramaic', 110],
      ['balinese', 120],
      ['korean', 200],
      ['latin', 130],
    ]);
    const network = await buildNetwork(session);
    expect(new Set(internals(network).body.tasks.map(({ input }) => input.parts[0]!.stem)).size).toBe(1);
    const options = buildTrainOptions(session.loaded.experiment, join(place, 'drawings'), session.found.container);
    const events = await lastValueFrom(train(network, options).pipe(toArray()));
    const losses = events.flatMap((event) => (event.kind === 'step' ? [event.losses.greek!] : []));
    expect(losses.at(-1)!).toBeLessThan(losses[0]! - 0.5);
    network.dispose();
  });
});

describe('the kinds of targets', () => {
  const words = ['red', 'blue', 'green'];
  const rows = Array.from({ length: 60 }, (_, i) => ({
    x: i + 0.5,
    v: [i / 7, (i * i) % 5],
    stars: String(1 + ((i * 3) % 5)),
    size: ['small', 'middle', 'large'][(i * 5) % 3],
    colours: words.filter((_, k) => (i + k) % 3 === 0 || (i * k) % 4 === 1).join('; '),
    said: ['go', 'to', ['Rome', 'Oslo'][i % 2], 'now'].slice(0, 2 + (i % 3)),
    spans: ['O', 'O', 'B-city', 'O'].slice(0, 2 + (i % 3)).join(' '),
  }));

  it('are read from lists and texts, and learned', async () => {
    writeFileSync(join(folder, 'rows.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
    const data = dataSet({ file: join(folder, 'rows.jsonl') });
    const tasks = await dataTasks(data, {
      vector: { inputs: ['x'], target: 'v' },
      stars: { inputs: ['x'], target: { column: 'stars', kind: 'ordinal' } },
      size: { inputs: ['x'], target: { column: 'size', kind: 'ordinal', levels: ['small', 'middle', 'large'] } },
      colours: {
        inputs: ['x'],
        target: { column: 'colours', kind: 'tags', separator: ';' },
      },
      spans: { inputs: { said: { kind: 'words', length: 4 } }, target: { column: 'spans', kind: 'labels', length: 4 } },
    });
    const [first] = await tasks.colours.source.read('training', [0], NO_NETWORK);
    const row = rows.find(({ x }) => x === (first!.input as number[])[0])!;
    const { colours, stars, size } = first!.target as Record<string, unknown>;
    expect(colours).toEqual(row.colours.split('; ').filter((name) => name !== ''));
    expect([stars, size]).toEqual([Number(row.stars) - 1, ['small', 'middle', 'large'].indexOf(row.size!)]);
    const network = await createNetwork({
      trunk: transformerTrunk({ width: 16, depth: 1, heads: 2 }),
      tasks: Object.values(tasks) as never,
    });
    await lastValueFrom(train(network, { steps: 60, batch: 16 }).pipe(toArray()));
    const metrics = (await evaluate(network)) as Record<string, Record<string, number>>;
    expect(Object.keys(metrics)).toEqual(['vector', 'stars', 'size', 'colours', 'spans']);
    expect(metrics.spans!['span-f1']).toBe(1);
    network.dispose();
  });

  it('say that an order is missing', async () => {
    const data = dataSet({ file: join(folder, 'rows.jsonl') });
    const task = dataTask({ name: 'size', data, inputs: ['x'], target: { column: 'size', kind: 'ordinal' } });
    await expect(task).rejects.toThrow(
      'The levels large, middle, small are no numbers, expected an order. Say `levels`',
    );
  });
});

afterAll(() => rmSync(place, { recursive: true, force: true }));

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../repository.ts';
import { listen } from '../watch/listening.ts';
import { banyan, banyanEach } from './command.ts';

const folder = temporaryFolder();
const experiment = join(folder, 'three.yaml');
writeFileSync(
  experiment,
  `
seed: 3
trunk: { kind: transformer, width: 16, depth: 1, heads: 2, dropout: 0.1 }
tasks: { shapes: , notes: { weight: 0.5 }, sentences: }
training:
  steps: 30
  batch: 8
  evaluateEvery: 15
  checkpoint: { every: 5 }
`,
);
const weights = (run: string) => readFileSync(join(run, 'network/weights.safetensors'));
const events = (run: string) =>
  readFileSync(join(run, 'events.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; step: number });

/** The run that nothing interrupts, made once. */
let whole: Promise<string> | undefined;
const wholeRun = () =>
  (whole ??= (async () => {
    const run = join(folder, 'whole');
    const { code, stdout, stderr } = await banyan(['train', experiment, '--out', run]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^training shapes, notes, sentences: 30 steps$/m);
    expect(stdout).toMatch(/^done after step 30 of 30$/m);
    expect(stdout).toMatch(/^shapes +test +\d\.\d{3} /m);
    return run;
  })());

/** What a run that was interrupted must end with. */
async function expectSameEnd(run: string): Promise<void> {
  const reference = await wholeRun();
  expect(weights(run).equals(weights(reference))).toBe(true);
  expect(readFileSync(join(run, 'result.json'), 'utf8')).toBe(readFileSync(join(reference, 'result.json'), 'utf8'));
  const steps = events(run).filter(({ kind }) => kind === 'step');
  expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
}

describe('banyan train', () => {
  it('leaves a run behind', async () => {
    const run = await wholeRun();
    const saved = JSON.parse(readFileSync(join(run, 'experiment.json'), 'utf8')) as { training: object };
    expect(saved.training).toEqual({
      steps: 30,
      batch: 8,
      evaluateEvery: 15,
      checkpoint: { every: 5 },
      threads: expect.any(Number),
    });
    expect(events(run).map(({ kind }) => kind)).toEqual([
      'start',
      ...Array.from({ length: 30 }, (_, i) => {
        const step = i + 1;
        return ['step', ...(step % 15 === 0 ? ['evaluation'] : []), ...(step % 5 === 0 ? ['checkpoint'] : [])];
      }).flat(),
      'end',
    ]);
  });

  it('is complete before its last step where nothing gets better any more', async () => {
    const run = join(folder, 'early');
    const file = join(folder, 'early.yaml');
    // No accuracy rises by more than 5: the second evaluation is the last.
    writeFileSync(
      file,
      `
trunk: { kind: dense, width: 8, depth: 1 }
tasks: { shapes: , notes: }
training:
  steps: 30
  batch: 8
  evaluateEvery: 2
  evaluateExamples: 16
  stop: { perTask: { patience: 1, minDelta: 5, drift: 9 } }
  best: { task: shapes }
`,
    );
    const { code, stdout, stderr } = await banyan(['train', file, '--out', run]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^shapes stopped after step 4: accuracy was best, /m);
    expect(stdout).toMatch(
      /^done, since nothing got better any more, after step 4 of 30, with the best weights, those of step [24]$/m,
    );
    expect(events(run).at(-1)).toMatchObject({ kind: 'end', step: 4, reason: 'patience' });
    expect(JSON.parse(readFileSync(join(run, 'result.json'), 'utf8'))).toMatchObject({ steps: 4 });
    const resumed = await banyan(['resume', run]);
    expect(resumed).toEqual({ code: 0, stdout: `The run in ${run} is complete: 4 steps.\n`, stderr: '' });
  });

  it('does not touch a folder that holds a run, and says that a complete one is complete', async () => {
    const run = await wholeRun();
    const [again, resumed] = await banyanEach(['train', experiment, '--out', run], ['resume', run]);
    expect(again!.code).toBe(1);
    expect(again!.stderr).toContain(`${run} already holds a run`);
    expect(resumed).toEqual({ code: 0, stdout: `The run in ${run} is complete: 30 steps.\n`, stderr: '' });
  });

  it('tells what a run is, and measures its network again', async () => {
    const run = await wholeRun();
    const [inspected, text, columns, evaluated, table] = await banyanEach(
      ['inspect', run, '--json'],
      ['inspect', run],
      ['inspect', run, '--columns'],
      ['evaluate', run, '--json'],
      ['evaluate', run, '--split', 'validation'],
    );
    const result = JSON.parse(readFileSync(join(run, 'result.json'), 'utf8')) as { metrics: object };
    expect(JSON.parse(inspected!.stdout)).toMatchObject({
      step: 30,
      steps: 30,
      complete: true,
      metrics: result.metrics,
    });
    expect(text!.stdout).toMatch(/^stem +shapes +vision/m);
    expect(columns!.stdout).toMatch(/^0 +transformer +16 +1 +shapes, notes, sentences +open /m);
    expect(columns!.stdout).toMatch(/^task notes \(column 0\): average Fisher sensitivity\n.*\n.*\n0 +1\.000$/m);
    const page = join(run, 'columns.html');
    expect(columns!.stdout).toContain(`pictures: ${page}`);
    expect(readFileSync(page, 'utf8')).toContain('<svg ');
    expect(JSON.parse(evaluated!.stdout)).toMatchObject({
      metrics: result.metrics,
      splits: { shapes: 'test', notes: 'test', sentences: 'test' },
      examples: { shapes: 1000, notes: 1000, sentences: 1000 },
      chance: { shapes: expect.closeTo(0.2, 1), sentences: expect.any(Number) },
    });
    expect(table!.stdout).toMatch(/^task +split +examples +accuracy/);
    expect(table!.stdout).toMatch(/^shapes +validation +500 +\d\.\d{3}/m);
  });

  it('stops at Ctrl-C with a checkpoint, and resume ends with the same bytes, watched and reported or not', async () => {
    const run = join(folder, 'interrupted');
    let sent = false;
    let page: ReturnType<typeof listen> | undefined;
    const { code, stdout } = await banyan(['train', experiment, '--out', run, '--report', '--watch'], (text, child) => {
      const [, url] = /^Watch it at (http:\S+)$/m.exec(text) ?? [];
      if (url !== undefined) page ??= listen(url);
      if (sent || !text.includes('step  1/30')) return;
      sent = true;
      child.kill('SIGINT');
    });
    expect(code).toBe(130);
    expect(stdout).toMatch(/Interrupted after step \d+\. Go on with: banyan resume /);
    expect(existsSync(join(run, 'result.json'))).toBe(false);
    const heard = await (await page!).messages;
    expect(heard[0]!.data.log.title).toBe('Run interrupted');
    expect(heard.flatMap(({ name, data }) => (name === 'progress' ? data : [])).at(-1)).toMatchObject({
      reason: 'stopped',
    });
    expect(new Set(heard.flatMap(({ name, data }) => (name === 'gallery' ? data.task : [])))).toEqual(
      new Set(['shapes', 'notes', 'sentences']),
    );
    expect(heard.at(-1)!.name).toBe('over');
    let second: ReturnType<typeof listen> | undefined;
    const resumed = await banyan(['resume', run, '--watch'], (text) => {
      const [, url] = /^Watch it at (http:\S+)$/m.exec(text) ?? [];
      if (url !== undefined) second ??= listen(url);
    });
    expect(resumed.stdout).toMatch(/^going on with shapes, notes, sentences after step \d+ of 30$/m);
    expect(resumed.code).toBe(0);
    const told = (await (await second!).messages).flatMap(({ name, data }) => (name === 'progress' ? data : []));
    expect(told.at(-1)).toMatchObject({ kind: 'end', step: 30, reason: 'steps' });
    await expectSameEnd(run);
    const report = join(run, 'report.html');
    expect(resumed.stdout).toContain(`How it went, and what the network makes of some examples: ${report}`);
    const html = readFileSync(report, 'utf8');
    // In the first step and every twenty after it, before the interruption and after.
    expect(html).toContain('Measured in 2 of 30 steps');
    for (const text of ['learning rate', 'shapes · notes', 'block-0']) expect(html).toContain(`>${text}</text>`);
  });

  it('goes on after a kill in the middle, events as JSON', async () => {
    const run = join(folder, 'killed');
    const killed = await banyan(['train', experiment, '--out', run, '--json'], (text, child) => {
      if (text.includes('"step":13,')) child.kill('SIGKILL');
    });
    expect(killed.code).toBeNull();
    const resumed = await banyan(['resume', run, '--json']);
    expect(resumed.code).toBe(0);
    const told = resumed.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string; step: number });
    expect(told[0]).toMatchObject({ kind: 'start', step: 10, steps: 30 });
    expect(told.at(-1)).toMatchObject({ kind: 'result', folder: run });
    await expectSameEnd(run);
  });

  it('begins again after a kill before the first checkpoint', async () => {
    const run = join(folder, 'killed-early');
    await banyan(['train', experiment, '--out', run, '--json'], (text, child) => {
      if (text.includes('"kind":"step"')) child.kill('SIGKILL');
    });
    expect((await banyan(['resume', run])).code).toBe(0);
    await expectSameEnd(run);
  });

  it('takes an experiment in TypeScript with a plugin of its own', async () => {
    const run = join(folder, 'program');
    const { code, stdout } = await banyan(['train', 'test/cli/fixtures/experiment.ts', '--out', run, '--json']);
    expect(code).toBe(0);
    const result = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as { metrics: object };
    expect(Object.keys(result.metrics)).toEqual(['larger', 'shapes']);
    const cannot = await banyan(['predict', run, '--task', 'larger', 'x.txt']);
    expect(cannot.code).toBe(1);
    expect(cannot.stderr).toBe(
      'error: Task "larger": its stem cannot read files, expected a stem with readFile(path). Add readFile to the stem, or call network.predict from a program.\n',
    );
  });
});

describe('banyan predict', () => {
  it('reads pictures, sounds and texts', async () => {
    const run = await wholeRun();
    const { default: sharp } = await import('sharp');
    const picture = join(folder, 'picture.png');
    await sharp(Buffer.alloc(28 * 28, 120), { raw: { width: 28, height: 28, channels: 1 } })
      .png()
      .toFile(picture);
    const sound = join(folder, 'sound.wav');
    writeFileSync(sound, wav(4000, 8000));
    const text = join(folder, 'sentence.txt');
    writeFileSync(text, 'anna helped ben');
    const [shapes, all, table, notes, sentences] = await banyanEach(
      ['predict', run, '--task', 'shapes', picture],
      ['predict', run, picture, '--json'],
      ['predict', run, picture],
      ['predict', run, '--task', 'notes', sound, sound, '--json'],
      ['predict', run, '--task', 'sentences', text],
    );
    expect(shapes!.stderr).toBe('');
    expect(
      shapes!.stdout
        .split('\n')
        .slice(2, 5)
        .every((line) => /^(disc|square|triangle|cross|ring) +\d+\.\d %$/.test(line)),
    ).toBe(true);
    expect(Object.keys(JSON.parse(all!.stdout).predictions)).toEqual(['shapes']);
    expect(table!.stdout.split('\n')[2]).toMatch(/^shapes +(disc|square|triangle|cross|ring) +\d+\.\d %$/);
    const lines = notes!.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { file: string; prediction: { probabilities: number[] } });
    expect(lines.map(({ file }) => file)).toEqual([sound, sound]);
    expect(lines[0]!.prediction.probabilities).toHaveLength(5);
    expect(sentences!.stdout).toMatch(/^(anna|ben|clara|david|emma|felix) /m);
  });

  it('says what is wrong', async () => {
    const run = await wholeRun();
    const [missing, unknown] = await banyanEach(
      ['predict', run, '--task', 'shapes', 'no-such.png'],
      ['predict', run, '--task', 'shape', 'no-such.png'],
    );
    expect(missing!.code).toBe(1);
    expect(missing!.stderr).toContain('no-such.png');
    expect(unknown!.stderr).toBe(
      'error: There is no task "shape" in this network. Expected one of: shapes, notes, sentences. Did you mean "shapes"?\n',
    );
  });
});

/** A mono PCM16 WAV file of a sine. */
function wav(samples: number, rate: number): Buffer {
  const bytes = Buffer.alloc(44 + 2 * samples);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + 2 * samples, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(2 * rate, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(2 * samples, 40);
  for (let i = 0; i < samples; i++) bytes.writeInt16LE(Math.round(9000 * Math.sin(i / 5)), 44 + 2 * i);
  return bytes;
}

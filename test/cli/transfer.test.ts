import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TransferRecord } from '../../src/study/transfer/records.ts';
import type { TransferResult } from '../../src/study/transfer/result.ts';
import { root, temporaryFolder } from '../repository.ts';
import { banyan, banyanEach } from './command.ts';

const folder = temporaryFolder();
const TEXT = `
seed: 1
trunk: { kind: transformer, width: 8, depth: 2, heads: 2, dropout: 0.1 }
plugins: [${join(root, 'test/cli/fixtures/points.ts')}]
tasks: { above: , sentences: }
training: { steps: 12, batch: 8, threads: 1 }
transfer:
  targets: [right, above]
  sources: [[above, sentences], [sentences]]
  examples: [0.1]
  seeds: 2
  training: { steps: 6, batch: 8 }
  points: 2
  evaluateExamples: 50
`;

function fileOf(name: string, text = TEXT): string {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, text);
  return file;
}

const recordsOf = (out: string) =>
  readFileSync(join(out, 'runs.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as TransferRecord);
const withoutTime = (records: readonly TransferRecord[]) => records.map(({ seconds: _, ...rest }) => rest);

const experiment = fileOf('experiment');
/** The measurement that nothing interrupts, made once. */
let whole: Promise<{ out: string; result: TransferResult }> | undefined;
const wholeMeasurement = () =>
  (whole ??= (async () => {
    const out = join(folder, 'whole');
    const { code, stdout, stderr } = await banyan(['transfer', experiment, '--out', out, '--json']);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toBe(readFileSync(join(out, 'result.json'), 'utf8'));
    return { out, result: JSON.parse(stdout) as TransferResult };
  })());

describe('banyan transfer', () => {
  it('measures all methods over the seeds', async () => {
    const { out, result } = await wholeMeasurement();
    // For each seed: right after two sources, above after one; from scratch once each.
    expect(recordsOf(out)).toHaveLength(2 * (1 + 2 * 4 + 1 + 4));
    expect(result).toMatchObject({ name: 'experiment', seeds: [1, 2] });
    expect(result.groups.map(({ source, share }) => [source, share])).toEqual([
      ['above+sentences', 0.1],
      ['sentences', 0.1],
    ]);
    const [joint, single] = result.groups;
    const methods = ['scratch', 'head', 'fine-tune', 'random', 'progressive'];
    expect(joint!.rows.map(({ target, method }) => `${target} ${method}`)).toEqual(methods.map((m) => `right ${m}`));
    expect(single!.rows.map(({ target }) => target)).toEqual([
      ...methods.map(() => 'right'),
      ...methods.map(() => 'above'),
    ]);
    expect(joint!.rows[0]!.score).toEqual({ mean: 1, halfWidth: 0, count: 2 });
    expect(joint!.findings).toHaveLength(1);
    expect(joint!.findings[0]).toMatch(
      /^right: the progressive column's transfer score is \d\.\d{3} \[.*above the random column's\.$/,
    );
    expect(result.matrices).toEqual([
      {
        share: 0.1,
        sources: ['above+sentences', 'sentences'],
        targets: ['right', 'above'],
        scores: [
          [joint!.rows[4]!.score!.mean, null],
          [single!.rows[4]!.score!.mean, single!.rows[9]!.score!.mean],
        ],
      },
    ]);
  });

  it('leaves frozen tasks equal to the last digit, and counts what is trained', async () => {
    const { out, result } = await wholeMeasurement();
    for (const { method, forgetting, parameters } of result.groups.flatMap(({ rows }) => rows)) {
      if (method === 'scratch' || method === 'random') expect(forgetting).toBeUndefined();
      else if (method === 'fine-tune') expect(forgetting!.equal).toBe(false);
      else expect(forgetting).toEqual({ drop: 0, equal: true });
      expect(parameters).toBeGreaterThan(0);
    }
    const of = (method: string, source: string | undefined = 'above+sentences') =>
      recordsOf(out).find((run) => run.method === method && run.target === 'right' && run.source === source)!;
    const scratch = recordsOf(out).find(({ method }) => method === 'scratch')!;
    // Its head alone where a stem of the source fits, else a stem too, of two numbers to eight. The head has four queries of
    // eight numbers, and logits of what they read.
    const head = 4 * 8 + 4 * 8 * 2 + 2;
    expect(of('head').parameters).toBe(head);
    expect(of('head', 'sentences').parameters).toBe(head + 2 * 8);
    expect(of('fine-tune').parameters).toBe(scratch.parameters);
    expect(of('progressive').parameters).toBe(of('random').parameters);
    expect(of('progressive').parameters).toBeGreaterThan(scratch.parameters);
    expect(scratch.curve.map(({ step }) => step)).toEqual([0, 3, 6]);
    expect(Object.keys(of('progressive').old!.before)).toEqual(['above', 'sentences']);
  });

  it('stops at Ctrl-C, goes on, and ends with the same numbers', async () => {
    const out = join(folder, 'interrupted');
    // Two of the methods: what else is measured changes no number.
    const part = fileOf('part', TEXT.replace('  seeds: 2', '  seeds: 2\n  methods: [scratch, progressive]'));
    let sent = false;
    const interrupted = await banyan(['transfer', part, '--out', out], (text, child) => {
      if (sent || !/^ 3\/10 /m.test(text)) return;
      sent = true;
      child.kill('SIGINT');
    });
    expect(interrupted.code).toBe(130);
    expect(interrupted.stdout).toContain(`Go on with: banyan transfer ${part} --out ${out}`);
    expect(existsSync(join(out, 'result.json'))).toBe(false);
    // As a kill would leave it.
    appendFileSync(join(out, 'runs.jsonl'), '{"seed":1,"tar');
    const before = recordsLength(out);
    const { code, stdout } = await banyan(['transfer', part, '--out', out]);
    expect(code).toBe(0);
    expect(stdout).toContain(`going on in ${out}: ${before} of 10 runs are there`);
    expect(stdout).toMatch(/^right +progressive +\d\.\d{3} ± \d\.\d{3} +\d\.\d{3} \[.*\] +0 \(equal\) /m);
    expect(stdout).toMatch(/^above\+sentences +\d\.\d{3} +–$/m);
    const all = recordsOf((await wholeMeasurement()).out);
    const same = all.filter(({ method }) => method === 'scratch' || method === 'progressive');
    expect(withoutTime(recordsOf(out))).toEqual(withoutTime(same));
  });

  it('refuses a folder of another experiment with what differs', async () => {
    const { out } = await wholeMeasurement();
    const other = fileOf('other', TEXT.replace('seeds: 2', 'seeds: 3').replace('dropout: 0.1', 'dropout: 0.2'));
    expect(await banyan(['transfer', other, '--out', out])).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: ${out} was made for another experiment: trunk.dropout is 0.2, was 0.1; transfer.seeds is 3, was 2. Expected the same one, to go on with it. Set the file back, or choose another --out.\n`,
    });
  });

  it('refuses what cannot be measured, with its place', async () => {
    const refusals: readonly [name: string, text: string, message: string][] = [
      [
        'no-section',
        TEXT.slice(0, TEXT.indexOf('transfer:')),
        'FILE has no section "transfer": expected one with targets and training. Add it, or use `banyan train`.',
      ],
      [
        'no-task',
        TEXT.replace('[right, above]', '[rigt]'),
        'FILE, line 8: there is no task "rigt". Expected one of: above, captions, catch, chord, clothing, compared, connected-digits, digits, gathering, gathering-pictures, gathering-seen, instruments, intents, multi-clothing-left, multi-clothing-right, notes, parsing, photographs, requests, right, scenes, sentences, shapes, space-invaders, spoken-digits, spoken-words, tempo, translation. Did you mean "right"?',
      ],
    ];
    const outcomes = await banyanEach(
      ...refusals.map(([name, text]) => ['transfer', fileOf(name, text), '--out', join(folder, name)]),
    );
    for (const [i, [name, , message]] of refusals.entries()) {
      const stderr = `error: ${message.replace('FILE', join(folder, `${name}.yaml`))}\n`;
      expect(outcomes[i]).toMatchObject({ code: 1, stderr });
      expect(existsSync(join(folder, name))).toBe(false);
    }
  });
});

const recordsLength = (out: string) => readFileSync(join(out, 'runs.jsonl'), 'utf8').split('\n').length - 1;

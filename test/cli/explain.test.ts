import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../repository.ts';
import { banyanEach } from './command.ts';

const folder = temporaryFolder();

describe('banyan explain', () => {
  it('says what rules a run has learned, and plays by those that a person has edited', async () => {
    const [run, list] = [join(folder, 'run'), join(folder, 'rules.json')];
    const [trained, explained, json] = await banyanEach(
      [
        'train',
        'examples/gathering.yaml',
        '--out',
        run,
        '--steps',
        '150',
        '--set',
        'training.optimizer={kind: sgd, learningRate: 8}',
      ],
      ['explain', run, '--write', list],
      ['explain', run, '--json'],
    );
    expect(trained).toMatchObject({ code: 0, stderr: '' });
    expect(explained).toMatchObject({ code: 0, stderr: '' });
    expect(explained!.stdout).toMatch(/^gathering:\nGo to a cross: touching it is worth /);
    expect(explained!.stdout).toMatch(/^Never step onto a circle \(-/m);
    expect(JSON.parse(json!.stdout)).toMatchObject([
      { task: 'gathering', sentences: [/./, /@/, /./, /@/].map((text) => expect.stringMatching(text)) },
    ]);
    // Only circles that are beside, and those are good now.
    const rules = JSON.parse(readFileSync(list, 'utf8')) as { type: string; values: Record<string, number> }[];
    const good = rules
      .filter(({ type, values }) => type === 'circle' && Math.min(...Object.values(values)) < -0.1)
      .map(({ values, ...rule }) => ({
        ...rule,
        values: Object.fromEntries(Object.entries(values).map(([action, value]) => [action, -value])),
      }));
    expect(good.length).toBe(4);
    writeFileSync(list, JSON.stringify(good));
    const [played, none, out, absent, unclosed] = await banyanEach(
      ['explain', run, '--use', list],
      ['explain', run, '--task', 'gathering', '--use', join(folder, 'absent.json')],
      ['explain', run, '--out', join(folder, 'rules.html')],
      ['explain', run, list, '--out', join(folder, 'absent', 'page.html')],
      ['explain', run, list, '--method', '{ kind: occlusion'],
    );
    expect(absent!.stderr).toContain(`there is no folder ${join(folder, 'absent')}. Make it, or choose another path.`);
    expect(out!.stderr).toContain('--out is about single files or concepts, received no file beside it. Name a file');
    expect(played!.stdout).toMatch(/^gathering:\nGo to a circle: touching it is worth /);
    expect(played!.stdout).toContain('By these rules:');
    expect(none).toMatchObject({ code: 1 });
    expect(none!.stderr).toContain('absent.json cannot be read');
    expect(unclosed).toMatchObject({ code: 2 });
    expect(unclosed!.stderr).toContain(
      "option '--method <kind>' argument '{ kind: occlusion' is invalid. It is no YAML",
    );
  });

  it('explains a table without a header, and the trunk with what tasks share of it, beside another run', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => [i % 7, (i * 5) % 11, i % 3 === 0 ? 'yes' : 'no', i % 7]);
    const file = join(folder, 'rows.csv');
    writeFileSync(file, `a,b,kind,sum\n${rows.join('\n')}\n`);
    const experiment = (name: string, tasks: string) => {
      const path = join(folder, `${name}.yaml`);
      writeFileSync(
        path,
        `trunk: { kind: dense, width: 8, depth: 1 }
data: { rows: { file: ${file} } }
tasks:
  sum: { data: rows, inputs: [a, b], target: { column: sum, kind: number } }
${tasks}training: { steps: 30, batch: 16, checkpoint: { every: 10 } }
`,
      );
      return path;
    };
    const kind = '  kind: { data: rows, inputs: [a, b], target: { column: kind, kind: class } }\n';
    const [both, alone] = [join(folder, 'both'), join(folder, 'alone')];
    const bare = join(folder, 'bare.txt');
    writeFileSync(bare, '1,2\n3,4\n');
    const [, , explained, wrong, trunk, json] = await banyanEach(
      ['train', experiment('both', kind), '--out', both],
      ['train', experiment('alone', ''), '--out', alone],
      ['explain', both, bare, '--task', 'sum', '--table', '{ columns: [a, b], format: csv }', '--json'],
      ['explain', both, '--trunk', '--table', '{ columns: [a, b] }'],
      ['explain', both, '--trunk', '--beside', alone],
      ['explain', both, '--trunk', '--json'],
    );
    expect(explained).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(explained!.stdout)).toHaveLength(2);
    expect(wrong!.stderr).toContain(
      'explain: --table is about single files, received the trunk beside it. Leave one of them out.',
    );
    expect(trunk).toMatchObject({ code: 0, stderr: '' });
    expect(trunk!.stdout).toBe(`Written: ${join(both, 'trunk.html')} and ${join(both, 'trunk.json')}\n`);
    const html = readFileSync(join(both, 'trunk.html'), 'utf8');
    for (const text of ['random weights', 'alone', 'Which training examples of kind helped or hurt sum on'])
      expect(html).toContain(text);
    const { probes, influences } = JSON.parse(json!.stdout);
    expect(probes.map(({ task, labels }: { task: string; labels: string }) => [task, labels])).toEqual([
      ['sum', 'below its median, or not'],
      ['kind', 'its classes'],
    ]);
    for (const { alike } of influences) expect(Math.abs(alike)).toBeLessThanOrEqual(1);
    expect(influences).toHaveLength(4);
  });
});

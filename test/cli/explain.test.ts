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
    const [played, none] = await banyanEach(
      ['explain', run, '--use', list],
      ['explain', run, '--task', 'gathering', '--use', join(folder, 'absent.json')],
    );
    expect(played!.stdout).toMatch(/^gathering:\nGo to a circle: touching it is worth /);
    expect(played!.stdout).toContain('By these rules:');
    expect(none).toMatchObject({ code: 1 });
    expect(none!.stderr).toContain('absent.json cannot be read');
  });
});

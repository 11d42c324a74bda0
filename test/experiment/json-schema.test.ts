import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Container } from 'inversify';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import fields from '../../heads/fields.ts';
import { experimentJsonSchema } from '../../src/experiment/json-schema.ts';
import { root } from '../repository.ts';

// As it reaches an editor, with the kinds of columns.
const container = new Container();
await container.load(fields);
const json = JSON.parse(JSON.stringify(experimentJsonSchema(container)));
const schema = z.fromJSONSchema(json);
const accepts = (text: string) => schema.safeParse(parse(text)).success;

const GOOD = `
trunk:
  kind: stacked
  sharing: mmoe
  parts: [{ kind: conv, width: 8, depth: 1 }, { kind: transformer, width: 8, depth: 1, heads: 2 }]
pretrained: [{ from: runs/a, into: [trunk, stem/a] }, { from: b.safetensors, into: stem/b, map: { 'stem/*': [x.*, y.*] } }]
tasks: { a: , b: { weight: 0.5, metrics: [accuracy, { kind: macro-f1, classes: 2 }] } }
training:
  steps: 10
  batch: { a: 4, b: 8 }
  checkpoint: off
  clip: 1
  parameters: [{ match: trunk/*, frozen: { until: 5 }, learningRate: 0.1 }, { match: stem/a/*, frozen: true }]
  optimizer: { kind: sgd, learningRate: 0.1 }
  average: { kind: exponential, decay: 0.99 }
  balance: { method: static, options: { weights: { a: 1, b: 2 } } }
`;

describe('the JSON schema of experiments', () => {
  it.each(readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.yaml')))('accepts %s', (name) => {
    expect(accepts(readFileSync(join(root, 'examples', name), 'utf8'))).toBe(true);
  });

  it('accepts all forms of a value, and kinds within kinds', () => {
    expect(accepts(GOOD)).toBe(true);
  });

  it.each([
    ['steps: 10', 'steps: ten'],
    ['steps: 10', 'stepz: 10'],
    ['batch: { a: 4, b: 8 }', 'batch: 0'],
    ['checkpoint: off', 'checkpoint: { evry: 4 }'],
    ['clip: 1', 'clip: -1'],
    ['into: stem/b', 'into: 3'],
    ['match: trunk', 'mtach: trunk'],
    ['frozen: true', 'frozen: yes'],
    ['kind: transformer', 'kind: transfromer'],
    ['heads: 2', 'head: 2'],
    ['sharing: mmoe', 'sharing: mmeo'],
    ['kind: conv', 'kind: cnov'],
    ['optimizer: { kind: sgd,', 'optimizer: { kind: sdg,'],
    ['decay: 0.99', 'decay: 1'],
    ['kind: exponential', 'kind: exponentail'],
    ['metrics: [accuracy', 'metrics: [acuracy'],
    ['a: , b', 'a: 3, b'],
  ])('refuses %s as %s', (before, after) => {
    expect(GOOD).toContain(before);
    expect(accepts(GOOD.replace(before, after))).toBe(false);
  });

  it('takes columns without a kind, with options or without', () => {
    const described = (inputs: string, target: string) =>
      accepts(`
data: { houses: { file: houses.csv } }
trunk: { kind: dense, width: 8, depth: 1 }
tasks: { price: { data: houses, inputs: ${inputs}, target: ${target} } }
training: { steps: 10, batch: 4 }
`);
    for (const inputs of ['[area]', '{ area: , street: category }', '{ size: { column: area, tokens: columns } }'])
      expect(described(inputs, '{ column: price, loss: huber }')).toBe(true);
    expect(described('{ area: { kind: number, scaling: quantile } }', '{ column: price, kind: number }')).toBe(true);
    expect(described('[area]', '{ column: price, kind: number, loss: { kind: huber, delta: 2 } }')).toBe(true);
    expect(described('[area]', '{ column: price, kind: number, loss: { kind: huber, gamma: 2 } }')).toBe(false);
    expect(described('{ area: { kind: numbr } }', 'price')).toBe(false);
    expect(described('{ area: { kind: number, scale: none } }', 'price')).toBe(false);
    expect(described('[area]', '{ kind: number }')).toBe(false);
  });

  it('says what each key is', () => {
    expect(json.properties.training.properties.steps).toMatchObject({
      type: 'integer',
      minimum: 1,
      description: 'updates; or give epochs',
    });
    expect(json.properties.trunk).toEqual({
      description: 'the network, or the new column; beside a base it may be left out, and is as its first column',
      $ref: '#/$defs/trunk-with-sharing',
    });
    expect(JSON.stringify(json)).not.toMatch(/"(kinds|beside|forms|def|kindLess)":/);
  });
});

import { Container } from 'inversify';
import { expect, it } from 'vitest';
import fields from '../../heads/fields.ts';
import { targetFieldKinds } from '../../src/fields/index.ts';

it('the loss of a target is a name, or a section with options, and an error names the key', async () => {
  const container = new Container();
  await container.load(fields);
  const build = (target: object) => targetFieldKinds.build(target, container);
  for (const loss of ['gaussian', 'huber', { kind: 'huber' }, { kind: 'huber', delta: 2 }])
    expect(() => build({ kind: 'number', loss })).not.toThrow();
  expect(() => build({ kind: 'tags', loss: { kind: 'focal', gamma: 1, alpha: 0.25 } })).not.toThrow();
  expect(() => build({ kind: 'class', loss: 'hinge' })).toThrow(
    'target: loss must be one of "cross-entropy", "focal", or a section with kind: focal and its options, received "hinge".',
  );
  expect(() => build({ kind: 'class', loss: { kind: 'focal', gamma: -1 } })).toThrow(/loss/);
});

import { Container, type ServiceIdentifier } from 'inversify';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Family, type Kind, type KindData } from '../../src/kind/index.ts';

/** A shape with an area. */
interface Shape {
  readonly area: number;
}
const TOKEN: ServiceIdentifier<Kind<Shape>> = Symbol.for('test:SHAPE_KIND');
const SIDE = 'a number > 0';

const square: Kind<Shape, { side: number }> = {
  kind: 'square',
  about: 'A square.',
  options: z.object({ side: z.number(SIDE).positive(SIDE).default(2).describe('length of a side') }),
  build: ({ side }) => ({ area: side ** 2 }),
};
const circle: Kind<Shape> = {
  kind: 'circle',
  about: 'The unit circle.',
  options: z.object({}),
  build: () => ({ area: Math.PI }),
};
const together: Kind<Shape, { parts: readonly KindData[] }> = {
  kind: 'together',
  about: 'Several shapes.',
  options: (shape) => z.object({ parts: z.array(shape, 'a list of shapes') }),
  build: ({ parts }, nested) => ({ area: parts.map(nested).reduce((sum, { area }) => sum + area, 0) }),
};
const shapes = new Family<Shape>('shape', TOKEN, [together, square, circle]);

/** A container in which these are bound. */
function bound(...kinds: readonly unknown[]): Container {
  const container = new Container();
  for (const kind of kinds) container.bind(TOKEN).toConstantValue(kind as Kind<Shape>);
  return container;
}

const triangle: Kind<Shape> = {
  kind: 'triangle',
  about: 'A triangle.',
  options: z.object({}),
  build: () => ({ area: 0.5 }),
};
const namesOf = (kinds: readonly Kind<Shape>[]) => kinds.map(({ kind }) => kind);

describe('a family of kinds', () => {
  it('has the built-in ones by their names, and after them what plugins bind', () => {
    expect(namesOf(shapes.kinds())).toEqual(['circle', 'square', 'together']);
    expect(namesOf(shapes.kinds(new Container()))).toEqual(['circle', 'square', 'together']);
    const other = { ...triangle, kind: 'kite' };
    expect(namesOf(shapes.kinds(bound(triangle, other)))).toEqual(['circle', 'square', 'together', 'triangle', 'kite']);
    expect([shapes.has('kite', bound(other)), shapes.has('kite'), shapes.has(undefined)]).toEqual([true, false, false]);
  });

  it('refuses a name that is taken, and what is no kind', () => {
    expect(() => shapes.kinds(bound({ ...triangle, kind: 'circle' }))).toThrow(
      'There are two kinds of shape with the name "circle", expected each name once. Rename the one in the plugin.',
    );
    expect(() => shapes.kinds(bound(triangle, triangle))).toThrow(
      'There are two kinds of shape with the name "triangle"',
    );
    expect(() => shapes.kinds(bound({ kind: 'kite', about: 'A kite.' }))).toThrow(
      'A plugin binds Symbol(test:SHAPE_KIND) to {"kind":"kite","about":"A kite."}, which has no "options". Expected a kind of shape: an object with kind, about, options, build. Add what it lacks.',
    );
  });

  it('finds a kind by its name, or says which there are', () => {
    expect(shapes.named('square')).toBe(square);
    expect(shapes.named('triangle', bound(triangle))).toBe(triangle);
    expect(() => shapes.named('triangel', bound(triangle))).toThrow(
      'There is no shape of kind "triangel". Expected one of: circle, square, together, triangle. Did you mean "triangle"?',
    );
    expect(() => shapes.named('triangle')).toThrow('Name one of these, or add the plugin that brings it.');
  });

  it('makes what a file says, with defaults, and what lies within it', () => {
    expect(shapes.build({ kind: 'square' }).area).toBe(4);
    const parts = [
      { kind: 'square', side: 3 },
      { kind: 'together', parts: ['triangle'] },
    ];
    expect(shapes.build({ kind: 'together', parts }, bound(triangle)).area).toBe(9.5);
    expect(() => shapes.build({ kind: 'square', side: 0 })).toThrow(
      'shape: side must be a number > 0, received 0. Raise it above 0.',
    );
    expect(() => shapes.build({ kind: 'square', sid: 1 })).toThrow(
      'shape: sid is no option of square. Expected one of: kind, side. Did you mean "side"?',
    );
    expect(() => shapes.build('square?')).toThrow(
      'shape: options must be one of "circle", "square", "together", or a section with kind, received "square?".',
    );
  });
});

describe('the schema of a family', () => {
  const issuesOf = (data: unknown, container?: Container, beside = {}) =>
    shapes
      .schema(container, beside)
      .safeParse(data)
      .error!.issues.map(({ path, message, ...issue }) => ({
        path: path.join('.'),
        message,
        ...('params' in issue ? issue.params : {}),
      }));
  const ALL = 'one of "circle", "square", "together"';

  it('gives a section with what the file says and no more', () => {
    expect(shapes.schema().parse('circle')).toEqual({ kind: 'circle' });
    expect(shapes.schema().parse({ kind: 'square' })).toEqual({ kind: 'square' });
    expect(shapes.schema(bound(triangle)).parse('triangle')).toEqual({ kind: 'triangle' });
    const beside = { inside: shapes.schema().optional() };
    expect(shapes.schema(undefined, beside).parse({ kind: 'square', side: 1, inside: 'circle' })).toEqual({
      kind: 'square',
      side: 1,
      inside: { kind: 'circle' },
    });
  });

  it('says what was expected, and the mend where it knows one', () => {
    expect(issuesOf('cirkle')).toEqual([
      { path: '', message: `${ALL}, or a section with kind`, mend: 'Did you mean "circle"?' },
    ]);
    expect(issuesOf(undefined)).toEqual([{ path: '', message: `${ALL}, or a section with kind` }]);
    expect(issuesOf([])).toEqual([{ path: '', message: `${ALL}, or a section with kind` }]);
    expect(issuesOf({ side: 1 })).toEqual([{ path: 'kind', message: ALL, mend: 'Add it.' }]);
    expect(issuesOf({ kind: 'trianle' }, bound(triangle))).toEqual([
      { path: 'kind', message: `${ALL}, "triangle"`, mend: 'Did you mean "triangle"?' },
    ]);
  });

  it('tells all that is wrong with a section', () => {
    expect(
      issuesOf({ kind: 'square', side: -1, sied: 2, inside: 'x' }, undefined, { inside: z.number('a number') }),
    ).toEqual([
      {
        path: '',
        message: 'is no option of square. Expected one of: kind, side, inside. Did you mean "side"?',
      },
      { path: 'side', message: SIDE },
      { path: 'inside', message: 'a number' },
    ]);
    expect(issuesOf({ kind: 'together', parts: [{ kind: 'square', side: 'x' }, 'circl'] })).toEqual([
      { path: 'parts.0.side', message: SIDE },
      { path: 'parts.1', message: `${ALL}, or a section with kind`, mend: 'Did you mean "circle"?' },
    ]);
  });

  it('lists its kinds to whoever asks', () => {
    const { kinds } = shapes.schema().meta() as { kinds: readonly { kind: string }[] };
    expect(kinds.map(({ kind }) => kind)).toEqual(['circle', 'square', 'together']);
  });
});

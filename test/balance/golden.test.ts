// Every aggregator against values from outside.
import { describe, expect, it } from 'vitest';
import { aggregate } from '../../src/balance/index.ts';
import { golden } from '../golden.ts';

interface Case {
  readonly id: string;
  readonly matrix: string;
  readonly aggregator: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly against: 'exact' | 'torchjd' | 'none';
  readonly expected?: readonly number[];
  readonly rtol: number;
  readonly atol: number;
}

const { matrices, cases } = golden<{ matrices: Record<string, number[][]>; cases: Case[] }>('aggregators');

/** TorchJD's names as ours. */
const names: Readonly<Record<string, string>> = {
  Mean: 'mean',
  Sum: 'sum',
  Constant: 'constant',
  UPGrad: 'upgrad',
  DualProj: 'dual-proj',
  MGDA: 'mgda',
  CAGrad: 'cagrad',
  IMTLG: 'imtl-g',
  AlignedMTL: 'aligned-mtl',
  NashMTL: 'nash-mtl',
  FairGrad: 'fairgrad',
  ConFIG: 'config',
  TrimmedMean: 'trimmed-mean',
  Krum: 'krum',
  PCGrad: 'pcgrad',
  GradDrop: 'graddrop',
};
const camelCase = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const optionsOf = ({ params }: Case) =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [camelCase(name), value]));
const norm = (values: readonly number[]) => Math.hypot(...values);

describe.each(Object.keys(names))('%s', (aggregator) => {
  it.each(cases.filter((one) => one.aggregator === aggregator))('$id', (one) => {
    const got = [...aggregate(names[aggregator]!, matrices[one.matrix]!, optionsOf(one))];
    expect(got.every(Number.isFinite)).toBe(true);
    if (one.expected === undefined) return;
    const error = norm(got.map((value, i) => value - one.expected![i]!));
    expect(error).toBeLessThanOrEqual(one.atol + one.rtol * norm(one.expected));
  });
});

it('no case is left out', () => {
  expect(cases.filter(({ aggregator }) => !(aggregator in names))).toEqual([]);
});

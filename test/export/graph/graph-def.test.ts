import { describe, expect, it } from 'vitest';
import { attributeOf, constantNode, readGraph, tensorOf, writeGraph } from '../../../src/export/graph/graph-def.ts';
import { readTensor, realsOf, tensorMessage, wholesOf, wholesTensor } from '../../../src/export/graph/tensor.ts';

const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));

// TensorFlow 2.21 wrote these: tf.raw_ops.Add of the first and the third part of Split(Placeholder [any, 3], 3, axis 1).
const GRAPH = hex(
  '0a3b0a0161120b506c616365686f6c6465722a1c0a05736861706512133a11120b08ffffffffffffffffff01120208032a0b0a056474797065120230010a350a0b622f73706c69745f64696d1205436f6e73742a120a0576616c756512094207080312003a01012a0b0a056474797065120230030a340a0162120553706c69741a0b622f73706c69745f64696d1a01612a0f0a096e756d5f73706c6974120218032a070a0154120230010a190a016312034164641a01621a03623a322a070a015412023001220308aa13',
);

describe("TensorFlow's message of a graph", () => {
  it('is read as TensorFlow wrote it', () => {
    const { nodes } = readGraph(GRAPH);
    expect(nodes.map(({ name, op, inputs }) => ({ name, op, inputs }))).toEqual([
      { name: 'a', op: 'Placeholder', inputs: [] },
      { name: 'b/split_dim', op: 'Const', inputs: [] },
      { name: 'b', op: 'Split', inputs: ['b/split_dim', 'a'] },
      { name: 'c', op: 'Add', inputs: ['b', 'b:2'] },
    ]);
    const [a, axis, split] = nodes;
    expect(attributeOf(a!, 'shape')).toEqual({ kind: 'shape', value: [-1, 3] });
    expect(attributeOf(a!, 'dtype')).toEqual({ kind: 'type', value: 1 });
    expect(attributeOf(split!, 'num_split')).toEqual({ kind: 'whole', value: 3 });
    expect([...wholesOf(tensorOf(axis!)!)]).toEqual([1]);
    expect(tensorOf(a!)).toBeUndefined();
  });

  it('is the same graph when it is written again, and the same bytes each time', () => {
    const written = writeGraph(readGraph(GRAPH));
    expect(readGraph(written)).toEqual(readGraph(GRAPH));
    expect(written).toHaveLength(GRAPH.length);
    expect(writeGraph(readGraph(written))).toEqual(written);
  });
});

describe("TensorFlow's message of a tensor", () => {
  it('is read from bytes and from numbers, of which the last one stands for the rest', () => {
    expect([...realsOf(readTensor(hex('0801120412020803220c0000c03f0000c03f0000c03f')))]).toEqual([1.5, 1.5, 1.5]);
    expect([...wholesOf(readTensor(hex('0803120412020803220c01000000feffffff07000000')))]).toEqual([1, -2, 7]);
    expect(readTensor(hex('080a120812020801120208025a020100'))).toEqual({
      dtype: 10,
      shape: [1, 2],
      content: Uint8Array.of(1, 0),
    });
    expect([...realsOf(readTensor(hex('080112002a040000803e')))]).toEqual([0.25]);
    expect([...wholesOf(readTensor(hex('08031204120208043a020509')))]).toEqual([5, 9, 9, 9]);
  });

  it('of a type that no constant has is an error', () => {
    expect(() => readTensor(hex('08071200420161'))).toThrow(
      "A constant of TensorFlow's type 7 cannot be exported. Expected float32, int32 or bool.",
    );
  });

  it('is what was written', () => {
    const tensor = wholesTensor([3, -1]);
    expect(readTensor(tensorMessage(tensor))).toEqual(tensor);
    expect(tensorOf(constantNode('x', wholesTensor(7)))).toEqual(wholesTensor(7));
  });
});

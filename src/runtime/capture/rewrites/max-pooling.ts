import { INT, type OpAttribute } from '../../tensorflow/attributes.ts';
import type { Node } from '../../tensorflow/graph.ts';
import { attributeOf, ensureShape, isUsual, type Rewrite } from './rewrite.ts';

/** The largest number of each window. */
export const maxPooling: Rewrite = ({ attributes, inputs, label }, graph) => {
  const [pictures] = inputs as [Node];
  const window = windowOf(attributes, pictures);
  if (window === undefined) return undefined;
  const result = graph.single('BanyanMaxPooling', window.attributes, [pictures], label);
  return ensureShape(graph, result, [pictures.shape[0]!, window.height, window.width, pictures.shape[3]!], label);
};

/** The size of what pooling gives, and its windows as attributes of our kernels; undefined where they do not pool so. */
export function windowOf(attributes: readonly OpAttribute[], pictures: Node) {
  const sizes = (name: string) => attributeOf(attributes, name) as readonly [number, number, number, number];
  const [windows, steps] = [sizes('ksize'), sizes('strides')];
  if (!isUsual(attributes) || windows[0] !== 1 || windows[3] !== 1) return undefined;
  const same = attributeOf(attributes, 'padding') === 'SAME';
  // As TensorFlow does: where the padding is odd, there is one more below and on the right.
  const along = (axis: 1 | 2) => {
    const [size, window, step] = [pictures.shape[axis]!, windows[axis], steps[axis]];
    const count = Math.ceil((same ? size : size - window + 1) / step);
    const padding = same ? Math.max(0, (count - 1) * step + window - size) : 0;
    return { count, before: Math.floor(padding / 2) };
  };
  const [down, right] = [along(1), along(2)];
  const numbers = {
    window_height: windows[1],
    window_width: windows[2],
    step_down: steps[1],
    step_right: steps[2],
    top: down.before,
    left: right.before,
    height: down.count,
    width: right.count,
  };
  return {
    height: down.count,
    width: right.count,
    attributes: Object.entries(numbers).map(([name, value]) => ({ name, type: INT, value })),
  };
}

import { BanyanError } from '../error.ts';
import type { Json } from '../task/contract.ts';
import type { Assignment, Mapped } from './map.ts';
import type { Target } from './target.ts';
import type { WeightFile } from './weight-file.ts';

/**
 * Finds the tensors of a `tf.layers` model that `fromLayers` has made a part of, layer by layer: the saved model has the same layers in the
 * same order, by whatever names.
 * @param assets of the network: the layers of such a part are among them.
 * @throws BanyanError `argument` where the weights are not those of one such part.
 */
export function applyOrder(
  file: WeightFile,
  targets: readonly Target[],
  assets: Readonly<Record<string, Json>>,
): Mapped {
  const model = modelOf(file, targets, assets);
  const names = file.format === 'tfjs' ? [...file.tensors.keys()] : kerasNames(file, model);
  // Weight i of a model is named `layer-i/…`.
  const assignments = targets.flatMap((target, i): Assignment[] =>
    names[i] === undefined ? [] : [{ target, tensors: [names[i]], cut: false }],
  );
  return { assignments, unmapped: targets.slice(names.length), mayBeLeft: () => false };
}

/** A layer, or a model of layers, as `settleLayers` keeps it. */
interface LayerConfig {
  readonly className: string;
  readonly config: { readonly layers?: readonly LayerConfig[] };
}

function modelOf({ path }: WeightFile, targets: readonly Target[], assets: Readonly<Record<string, Json>>) {
  const scopes = [...new Set(targets.map(({ variable }) => variable.scope))];
  const model = scopes.length === 1 ? assets[`${scopes[0]}/layers`] : undefined;
  if (model !== undefined) return model as unknown as LayerConfig['config'];
  throw new BanyanError(
    'argument',
    `loadWeights: ${path} is read layer by layer into what fromLayers() made of a tf.layers model, and ${scopes.join(', ')} is no such part. Expected one part of one model. Give a map of names.`,
  );
}

/** The last weights of a batch normalisation, which are its statistics. */
const STATISTICS = 2;

/** Lists the tensors of a Keras file in the order of `fromLayers`: what is trained, then statistics, each layer by layer. */
function kerasNames(file: WeightFile, model: LayerConfig['config']): readonly string[] {
  const names = [...file.tensors.keys()];
  const [trained, statistics]: [string[], string[]] = [[], []];
  const visit = ({ layers = [] }: LayerConfig['config'], path: string): void => {
    const counts = new Map<string, number>();
    for (const { className, config } of layers) {
      const word = snakeCase(className);
      const count = counts.get(word) ?? 0;
      counts.set(word, count + 1);
      const place = `${path}layers/${count === 0 ? word : `${word}_${count}`}/`;
      if (config.layers !== undefined) {
        visit(config, place);
        continue;
      }
      const own = names.filter((name) => name.startsWith(place)).sort(byNumber);
      assertOneGroup(file.path, className, own);
      const kept = own.length - (className === 'BatchNormalization' ? STATISTICS : 0);
      trained.push(...own.slice(0, kept));
      statistics.push(...own.slice(kept));
    }
  };
  visit(model, '');
  return [...trained, ...statistics];
}

/** As Keras does it: `BatchNormalization` is `batch_normalization`, `Conv2D` is `conv2d`. */
const snakeCase = (name: string): string =>
  name
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();

const numberOf = (name: string): number => Number(name.slice(name.lastIndexOf('/') + 1));
const byNumber = (a: string, b: string): number => numberOf(a) - numberOf(b);

function assertOneGroup(path: string, className: string, names: readonly string[]): void {
  const groups = new Set(names.map((name) => name.slice(0, name.lastIndexOf('/'))));
  if (groups.size <= 1) return;
  throw new BanyanError(
    'argument',
    `loadWeights: the layer ${className} has weights in several places of ${path}: ${[...groups].join(', ')}. Expected one, since their order is not known. Give a map of names.`,
  );
}

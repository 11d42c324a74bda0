import { type GraphModel, loadGraphModel } from '@tensorflow/tfjs-converter';
import { dispose, type NamedTensorMap, type Tensor, tensor } from '@tensorflow/tfjs-core';

/** What `banyan-export.mjs` gives of a task: see docs/export.md. */
interface Task {
  prepare(
    examples: readonly unknown[],
  ): Record<string, { shape: number[]; dtype: 'float32' | 'int32'; values: Float32Array | Int32Array }>;
  decode(outputs: Record<string, ArrayLike<number>>): readonly unknown[];
}

/** `site.json`: what an export says of its functions and tasks, without its examples, and which task is for which sense. */
export interface Site {
  readonly tasks: Readonly<Record<'picture' | 'game' | 'sound' | 'sentence', string>>;
  readonly manifest: {
    readonly functions: readonly {
      readonly task: string;
      readonly inputs: readonly { readonly dtype: string }[];
      readonly outputs: readonly { readonly name: string }[];
    }[];
    readonly tasks: readonly {
      readonly name: string;
      readonly inputs: { readonly input: Readonly<Record<string, number>> };
      readonly head: { readonly classes?: readonly string[] };
    }[];
  };
  readonly examples: {
    /** Pictures as bytes, in base64; numbers from 0 to 1 are stored so too. */
    readonly pictures: readonly string[];
    /** Files of sounds beside the page. */
    readonly sounds: readonly string[];
    readonly sentences: readonly string[];
  };
}

/** An answer, and what it took from the raw example to it, in milliseconds. */
export interface Answer<Prediction> {
  readonly prediction: Prediction;
  readonly milliseconds: number;
}

/** The exported network: each task is asked by its name. */
export class ExportedNetwork {
  /** Is called after each answer. */
  onAnswer: (milliseconds: number) => void = () => {};
  readonly #model: GraphModel;
  readonly #tasks: { task(name: string): Task };
  readonly #site: Site;

  private constructor(model: GraphModel, tasks: { task(name: string): Task }, site: Site) {
    this.#model = model;
    this.#tasks = tasks;
    this.#site = site;
  }

  static async load(site: Site): Promise<ExportedNetwork> {
    // It lies beside the page, as it was exported.
    const path = new URL('model/banyan-export.mjs', document.baseURI).href;
    const { openExport } = await import(/* @vite-ignore */ path);
    return new ExportedNetwork(await loadGraphModel('model/model.json'), openExport(site.manifest), site);
  }

  /** Settings of a task's stem, such as the size of its pictures. */
  settings(task: string): Readonly<Record<string, number>> {
    return this.#described(task).inputs.input;
  }

  /** The names of a classifier's classes. */
  classes(task: string): readonly string[] {
    return this.#described(task).head.classes ?? [];
  }

  /** Whether a task was exported with bytes as its examples. */
  takesBytes(task: string): boolean {
    return this.#function(task).inputs[0]!.dtype === 'int32';
  }

  #described(task: string) {
    return this.#site.manifest.tasks.find(({ name }) => name === task)!;
  }

  #function(task: string) {
    return this.#site.manifest.functions.find((each) => each.task === task)!;
  }

  /** What the task's function gives of one raw example, by the names of its outputs. */
  async outputs(task: string, raw: unknown): Promise<Record<string, Float32Array>> {
    const inputs: NamedTensorMap = {};
    for (const [name, { shape, dtype, values }] of Object.entries(this.#tasks.task(task).prepare([raw])))
      inputs[`${task}/${name}`] = tensor(values, shape, dtype);
    const names = this.#function(task).outputs.map(({ name }) => name);
    const results = [
      this.#model.execute(
        inputs,
        names.map((name) => `${task}/${name}`),
      ),
    ].flat() as Tensor[];
    const values = await Promise.all(results.map((result) => result.data() as Promise<Float32Array>));
    dispose([inputs, results]);
    return Object.fromEntries(names.map((name, i) => [name, values[i]!]));
  }

  async ask<Prediction>(task: string, raw: unknown): Promise<Answer<Prediction>> {
    const begin = performance.now();
    const [prediction] = this.#tasks.task(task).decode(await this.outputs(task, raw));
    const milliseconds = performance.now() - begin;
    this.onAnswer(milliseconds);
    return { prediction: prediction as Prediction, milliseconds };
  }
}

/** What a `classifier` predicts. */
export interface Classification {
  readonly class: number;
  readonly probabilities: Float32Array;
  readonly label?: string;
}

import { BanyanError } from '../../error.ts';
import { allocate, configBytes, hostTensorOf } from './context.ts';
import type { GraphOutput, Library, Pointer } from './library.ts';
import { checked } from './status.ts';
import type { HostTensor } from './types.ts';

/** A SavedModel, loaded by TensorFlow's own reader of that format. */
export class SavedModel {
  readonly #library: Library;
  readonly #graph: Pointer;
  readonly #session: Pointer;

  /** @throws BanyanError `runtime` with what TensorFlow says of the folder. */
  constructor(library: Library, folder: string, threads: number) {
    this.#library = library;
    this.#graph = library.TF_NewGraph();
    const options = library.TF_NewSessionOptions();
    const config = configBytes(threads, true);
    try {
      checked(library, 'Configuring a session', (status) =>
        library.TF_SetConfig(options, config, config.length, status),
      );
      this.#session = checked(library, `Loading ${folder}`, (status) =>
        library.TF_LoadSessionFromSavedModel(options, null, folder, ['serve'], 1, this.#graph, null, status),
      );
    } catch (error) {
      library.TF_DeleteGraph(this.#graph);
      throw error;
    } finally {
      library.TF_DeleteSessionOptions(options);
    }
  }

  /** Gives what these nodes give, in their order, for tensors in place of others. */
  run(inputs: ReadonlyMap<string, HostTensor>, outputs: readonly string[]): readonly HostTensor[] {
    const library = this.#library;
    const places = [...inputs.keys()].map((name) => this.#output(name));
    const wanted = outputs.map((name) => this.#output(name));
    const results: (Pointer | null)[] = wanted.map(() => null);
    const values = [...inputs.values()].map((value) => allocate(library, value));
    try {
      checked(library, 'Running a SavedModel', (status) =>
        library.TF_SessionRun(
          this.#session,
          null,
          places,
          values,
          values.length,
          wanted,
          results,
          wanted.length,
          [],
          0,
          null,
          status,
        ),
      );
      return results.map((tensor) => hostTensorOf(library, tensor!));
    } finally {
      for (const tensor of [...values, ...results]) if (tensor !== null) library.TF_DeleteTensor(tensor);
    }
  }

  dispose(): void {
    checked(this.#library, 'Closing a session', (status) => this.#library.TF_DeleteSession(this.#session, status));
    this.#library.TF_DeleteGraph(this.#graph);
  }

  /** The first output of the operation of this name. */
  #output(name: string): GraphOutput {
    const oper = this.#library.TF_GraphOperationByName(this.#graph, name);
    if (oper === null) {
      throw new BanyanError(
        'runtime',
        `The SavedModel has no operation "${name}", expected one. Export the network again.`,
      );
    }
    return { oper, index: 0 };
  }
}

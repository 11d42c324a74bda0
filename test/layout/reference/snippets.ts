import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../../repository.ts';

/** A block of TypeScript in a page. */
export interface Snippet {
  readonly page: string;
  readonly line: number;
  readonly text: string;
}

export function snippetsOf(page: string): Snippet[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match) => ({
    page,
    line: text.slice(0, match.index).split('\n').length + 1,
    text: match[1]!,
  }));
}

/** What pages take for known: a block may use it without a word, and may as well import or declare it. */
const KNOWN = `
import type * as banyan from 'banyan-ml';
import type * as layers from 'banyan-ml/layers';
import type * as tasks from 'banyan-ml/tasks';
import type * as rxjs from 'rxjs';
import type * as tfjs from '@tensorflow/tfjs';
declare global {
  namespace tf {
    type Tensor = tfjs.Tensor;
    type Tensor1D = tfjs.Tensor1D;
    type Tensor2D = tfjs.Tensor2D;
    type Tensor3D = tfjs.Tensor3D;
  }
  type Call = banyan.Call;
  type Example<Input, Target> = banyan.Example<Input, Target>;
  type Display = banyan.Display;
  type DisplayPart = banyan.DisplayPart;
  type Explanation = banyan.Explanation;
  type Json = banyan.Json;
  type Metric<Target, Prediction> = banyan.Metric<Target, Prediction>;
  type Output = banyan.Output;
  type SampleOf<HeadOutput extends banyan.Output> = banyan.SampleOf<HeadOutput>;
  type SampleOutput = banyan.SampleOutput;
  function test(name: string, check: () => Promise<void>): void;
  type SourceContext = banyan.SourceContext;
  type SourceState = banyan.SourceState;
  type Split = banyan.Split;
  type TypedArray = banyan.TypedArray;
  const createNetwork: typeof banyan.createNetwork;
  const defineTask: typeof banyan.defineTask;
  const evaluate: typeof banyan.evaluate;
  const train: typeof banyan.train;
  const knownNumbers: typeof layers.knownNumbers;
  const linear: typeof layers.linear;
  const pooling: typeof layers.pooling;
  const transformerTrunk: typeof banyan.transformerTrunk;
  const lastValueFrom: typeof rxjs.lastValueFrom;
  const notes: typeof tasks.notes;
  const shapes: typeof tasks.shapes;
  const network: banyan.Network<typeof tasks.shapes | typeof tasks.sentences>;
  /** What a head is made from. */
  const context: banyan.HeadContext;
  const pool: layers.Pool;
  const classes: number;
  /** Parts of a task that the reader has written. */
  const stem: banyan.StemFactory<number>;
  const head: banyan.HeadFactory<number, number>;
  const source: banyan.Source<number, number>;
  const task: banyan.AnyTask;
  const examples: readonly number[];
  const targets: readonly number[];
  class MyGame {}
  interface MyGame extends banyan.Environment {}
  class Catch {}
  interface Catch extends banyan.Environment {}
}
`;

/** What the compiler says of each block, as \`page:line: message\`. */
export function problemsOf(snippets: readonly Snippet[]): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const files = new Map([[join(root, 'snippet-known.d.ts'), KNOWN]]);
  const pathOf = (i: number) => join(root, `snippet-${i}.ts`);
  for (const [i, { text }] of snippets.entries()) files.set(pathOf(i), `${text}\nexport {};\n`);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => files.has(path) || fileExists.call(host, path);
  host.readFile = (path) => files.get(path) ?? readFile.call(host, path);
  host.getSourceFile = (path, ...rest) =>
    files.has(path)
      ? ts.createSourceFile(path, files.get(path)!, ts.ScriptTarget.ES2023, true)
      : getSourceFile.call(host, path, ...rest);
  const program = ts.createProgram(
    [...files.keys()],
    { ...options, noEmit: true, noUnusedLocals: false, noUnusedParameters: false, rootDir: undefined },
    host,
  );
  return snippets.flatMap(({ page, line }, i) => {
    const file = program.getSourceFile(pathOf(i))!;
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map((problem) => {
      const at = line + file.getLineAndCharacterOfPosition(problem.start ?? 0).line;
      return `${page}:${at}: ${ts.flattenDiagnosticMessageText(problem.messageText, ' ')}`;
    });
  });
}

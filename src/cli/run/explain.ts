import { BanyanError } from '../../error.ts';
import type { LoadedExperiment } from '../../experiment/load.ts';
import {
  attributionJson,
  attributionText,
  type ExplainedExample,
  explanationKinds,
  explanationPage,
  explanationPng,
  type Level,
} from '../../explain/index.ts';
import { explainFiles } from '../../study/run/explain-files.ts';
import { openSession, restoreNetwork } from '../../study/run/session.ts';
import { withProgress } from '../progress.ts';
import { type Form, pageAndNumbers, writerOf } from './explanation-file.ts';
import { tableOptions } from './table-options.ts';

export interface ExplainRequest {
  readonly folder: string;
  readonly files: readonly string[];
  readonly task?: string;
  /** A kind of explanation, or a section with its options. */
  readonly method?: unknown;
  readonly outcome?: string;
  readonly at?: Level;
  readonly baselines: readonly string[];
  /** How tables are written, as an entry of `data` says it; files of any ending are tables then. */
  readonly table?: unknown;
  /** Its ending says what is written: `.html`, `.png` or `.json`. Default: text, or JSON, to the standard output. */
  readonly out?: string;
  readonly json: boolean;
}

/** Explains what a run's network makes of files, and gives what is to be printed. */
export async function explainCommand(loaded: LoadedExperiment, request: ExplainRequest): Promise<string> {
  const { folder, files, task, method, outcome, at, baselines, table, out, json } = request;
  const write = writerOf(out, FORMS);
  const examples = await withProgress('reading the network', async (progress) => {
    const session = await openSession(loaded);
    const { network } = await restoreNetwork(session, folder);
    try {
      return await explainFiles(network, files, {
        ...(task === undefined ? {} : { task }),
        ...(method === undefined ? {} : { method: explanationKinds.build(method, session.found.container) }),
        ...(outcome === undefined ? {} : { outcome }),
        ...(at === undefined ? {} : { at }),
        baselines,
        ...(table === undefined ? {} : { table: tableOptions(table) }),
        onProgress: (what) => progress.tell(what),
      });
    } finally {
      network.dispose();
    }
  });
  write(examples);
  if (json) return JSON.stringify(examples.map(attributionJson), null, 2);
  return [...examples.map(attributionText), ...(out === undefined ? [] : [`Written: ${out}`])].join('\n\n');
}

const { '.html': html, '.json': numbers } = pageAndNumbers(
  (examples: readonly ExplainedExample[]) => explanationPage('Explanations', examples),
  (examples) => examples.map(attributionJson),
);
const FORMS: Readonly<Record<string, Form<readonly ExplainedExample[]>>> = {
  '.html': html,
  '.png': {
    what: 'a picture',
    make: (examples) => {
      if (examples.length === 1) return explanationPng(examples[0]!);
      throw new BanyanError(
        'argument',
        `explain: a PNG shows one example, received ${examples.length}. Explain one file, or write a page (.html).`,
      );
    },
  },
  '.json': numbers,
};

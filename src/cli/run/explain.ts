import { extname } from 'node:path';
import { parse } from 'yaml';
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
import { writeWhole } from '../../files/durable.ts';
import { explainFiles } from '../../study/run/explain-files.ts';
import { openSession, restoreNetwork } from '../../study/run/session.ts';
import { withProgress } from '../progress.ts';

export interface ExplainRequest {
  readonly folder: string;
  readonly files: readonly string[];
  readonly task?: string;
  /** A kind of explanation, or a section of YAML with its options. */
  readonly method?: string;
  readonly outcome?: string;
  readonly at?: Level;
  readonly baselines: readonly string[];
  /** Its ending says what is written: `.html`, `.png` or `.json`. Default: text, or JSON, to the standard output. */
  readonly out?: string;
  readonly json: boolean;
}

/** Explains what a run's network makes of files, and gives what is to be printed. */
export async function explainCommand(loaded: LoadedExperiment, request: ExplainRequest): Promise<string> {
  const { folder, files, task, method, outcome, at, baselines, out, json } = request;
  const write = out === undefined ? undefined : writerOf(out);
  const examples = await withProgress('reading the network', async (progress) => {
    const session = await openSession(loaded);
    const { network } = await restoreNetwork(session, folder);
    try {
      return await explainFiles(network, files, {
        ...(task === undefined ? {} : { task }),
        ...(method === undefined ? {} : { method: explanationKinds.build(parse(method), session.found.container) }),
        ...(outcome === undefined ? {} : { outcome }),
        ...(at === undefined ? {} : { at }),
        baselines,
        onProgress: (what) => progress.tell(what),
      });
    } finally {
      network.dispose();
    }
  });
  write?.(examples);
  if (json) return JSON.stringify(examples.map(attributionJson), null, 2);
  return [...examples.map(attributionText), ...(out === undefined ? [] : [`Written: ${out}`])].join('\n\n');
}

/** Makes what writes into a file, by its ending. @throws BanyanError `argument` for another ending. */
function writerOf(out: string): (examples: readonly ExplainedExample[]) => void {
  switch (extname(out)) {
    case '.html':
      return (examples) => writeWhole(out, explanationPage('Explanations', examples));
    case '.json':
      return (examples) => writeWhole(out, `${JSON.stringify(examples.map(attributionJson), null, 2)}\n`);
    case '.png':
      return (examples) => {
        if (examples.length > 1) {
          throw new BanyanError(
            'argument',
            `explain: a PNG shows one example, received ${examples.length}. Explain one file, or write a page (.html).`,
          );
        }
        writeWhole(out, explanationPng(examples[0]!));
      };
    default:
      throw new BanyanError(
        'argument',
        `explain: ${out} ends in "${extname(out)}", expected .html for a page, .png for a picture or .json for numbers. Choose one of these endings.`,
      );
  }
}

import type { LoadedExperiment } from '../../experiment/load.ts';
import { type ConceptInfluence, conceptPage, conceptText } from '../../explain/index.ts';
import { type ExplainConceptsOptions, explainConcepts } from '../../study/run/explain-concepts.ts';
import { openSession, restoreNetwork } from '../../study/run/session.ts';
import { withProgress } from '../progress.ts';
import { pageAndNumbers, writerOf } from './explanation-file.ts';

export interface ConceptsRequest extends ExplainConceptsOptions {
  readonly folder: string;
  /** Its ending says what is written: `.html` or `.json`. */
  readonly out?: string;
  readonly json: boolean;
}

/** Says what concepts do to the outcomes of a run's network, and gives what is to be printed. */
export async function explainConceptsCommand(
  loaded: LoadedExperiment,
  { folder, out, json, ...options }: ConceptsRequest,
): Promise<string> {
  const write = writerOf(
    out,
    pageAndNumbers((influences: readonly ConceptInfluence[]) => conceptPage('Concepts', influences)),
  );
  const influences = await withProgress('looking for the concepts', async () => {
    const { network } = await restoreNetwork(await openSession(loaded), folder);
    try {
      return await explainConcepts(network, options);
    } finally {
      network.dispose();
    }
  });
  write(influences);
  if (json) return JSON.stringify(influences, null, 2);
  return [conceptText(influences), ...(out === undefined ? [] : [`Written: ${out}`])].join('\n\n');
}

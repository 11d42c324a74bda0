import type { LoadedExperiment } from '../../experiment/load.ts';
import { trunkJson } from '../../explain/index.ts';
import { explainTrunk } from '../../study/run/explain-trunk.ts';
import { openSession } from '../../study/run/session.ts';
import { withProgress } from '../progress.ts';

export interface TrunkRequest {
  readonly folder: string;
  /** Other runs whose trunks are compared. */
  readonly beside: readonly { readonly folder: string; readonly loaded: LoadedExperiment }[];
  readonly json: boolean;
}

/** Explains the trunk of a run and what its tasks share of it, and gives what is to be printed. */
export async function explainTrunkCommand(
  loaded: LoadedExperiment,
  { folder, beside, json }: TrunkRequest,
): Promise<string> {
  const { found, page, numbers } = await withProgress('reading the networks', async (progress) => {
    const session = await openSession(loaded);
    const others = [];
    for (const other of beside) others.push({ folder: other.folder, session: await openSession(other.loaded) });
    return explainTrunk(session, folder, { beside: others, onProgress: (what) => progress.tell(what) });
  });
  if (json) return JSON.stringify(trunkJson(found), null, 2);
  return [...found.notes.map((note) => `Left out: ${note}`), `Written: ${page} and ${numbers}`].join('\n');
}

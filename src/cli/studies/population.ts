import { BanyanError } from '../../error.ts';
import { searchPaths } from '../../study/search/paths.ts';
import { type PopulationOutcome, trainPopulation } from '../../study/search/population/population.ts';
import { populationText } from '../../study/search/population/tables.ts';
import type { SearchOptions } from '../../study/search/search.ts';
import { settingWords } from '../../study/search/space.ts';
import { showInProcess } from './in-process.ts';
import type { StudyPresentation } from './show.ts';

/** Trains the population of an experiment's file, shows how it goes, and returns the exit code. A signal interrupts it, a second one ends it. */
export function populationCommand(
  file: string,
  { store, ...request }: SearchOptions,
  { json, report, setting }: StudyPresentation & { readonly report: boolean },
): Promise<number> {
  const option = store !== undefined ? '--store' : report ? '--report' : undefined;
  if (option !== undefined) {
    throw new BanyanError(
      'argument',
      option === '--store'
        ? `search: a population is kept in its folder, where its members take over each other's networks, expected no --store, received one. Leave it out, and give all workers the same --out.`
        : `search: a population writes its page when it has ended, expected no --report, received it. Leave it out: what is there is not trained again.`,
    );
  }
  const goOn = (folder: string) => `Go on with: banyan search ${file}${setting} --out ${folder}`;
  return showInProcess((signal) => trainPopulation(file, { ...request, signal }), {
    json,
    kept: 'members',
    outcome: (_, outcome, stored) => (stored ? undefined : outcomeText(outcome)),
    goOn,
    result: (result, folder) =>
      `${populationText(result)}\n\nThe best network is in ${result.winner.folder}, pictures are in ${searchPaths(folder).population}`,
  });
}

function outcomeText(outcome: PopulationOutcome): string {
  if (outcome.kind === 'alone')
    return Object.values(outcome.metrics)
      .map((value) => value.toFixed(4))
      .join(', ');
  if (outcome.kind === 'winner') return outcome.values[0]!.toFixed(4);
  const { steps, settings, member, parent, value } = outcome;
  const taken = parent === undefined || parent === member ? '' : `, with the network of member ${parent}`;
  return `${value!.toFixed(4)} after ${steps} steps, ${settingWords(settings)}${taken}`;
}

import { join } from 'node:path';

/** The name of the folder in which a run keeps the network that its column stands beside. */
export const BASE = 'base';

/** The name of the page about a run's trunk. */
export const TRUNK_PAGE = 'trunk.html';

/** Says what a run's folder holds. */
export function runPaths(folder: string) {
  return {
    /** The checked experiment: a valid experiment file itself. */
    experiment: join(folder, 'experiment.json'),
    base: join(folder, BASE),
    /** What its columns are taken for and what was learned of them, where tasks are described in the experiment. */
    fields: join(folder, 'fields.json'),
    /** The same of the tasks that the network had which its column stands beside. */
    baseFields: join(folder, 'base-fields.json'),
    /** Every event, one line of JSON each. */
    events: join(folder, 'events.jsonl'),
    checkpoints: join(folder, 'checkpoints'),
    /** What a step spends its time on, where it was asked for. */
    profile: join(folder, 'profile.json'),
    /** What its columns are and what its tasks listen to, where it was asked for. */
    columns: join(folder, 'columns.html'),
    /** Curves, and which tasks pull apart where, if it was asked for. */
    report: join(folder, 'report.html'),
    /** What its trunk makes of examples and its tasks share of it, where it was asked for: a page, and the same in numbers. */
    trunk: join(folder, TRUNK_PAGE),
    trunkNumbers: join(folder, 'trunk.json'),
    /** The trained network. */
    network: join(folder, 'network'),
    /** What the training took. */
    cost: join(folder, 'cost.json'),
    /** Written last: a run that has it is complete. */
    result: join(folder, 'result.json'),
  };
}

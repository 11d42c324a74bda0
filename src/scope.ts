/**
 * The names of a network's parts. A scope is what the names of a part's variables and settings begin with:
 *
 * | scope                                 | part                                                                |
 * | ------------------------------------- | ------------------------------------------------------------------- |
 * | `stem/TASK`, `head/TASK`              | the stem and head of a task; a shared one has its first task's name  |
 * | `stem/TASK.INPUT`                     | the stem of one of the several inputs of a task, whose `stem/TASK` holds what marks them |
 * | `stem/TASK/into-0`                    | the way of a stem's tokens into an earlier column                   |
 * | `task/TASK`                           | the settings of a task itself                                       |
 * | `column-0`                            | a whole column                                                      |
 * | `column-0/block-1`, `column-0/finish` | a block that the column's tasks share, and its last layer           |
 * | `column-0/decoder/block-1`            | a block of the column's decoder, which writes                       |
 * | `column-0/command/NAME`               | the vector that stands before the first symbol of tasks that write  |
 * | `column-0/own/TASK/…`                 | what belongs to one task of the column alone                        |
 * | `column-2/lateral-1`                  | the lateral adapter into a block; `from-0/…` is its part for column 0 |
 *
 * This file stands below all rooms, since each of them reads these names.
 */
type Scope =
  | {
      readonly kind: 'stem' | 'head' | 'task';
      readonly task: string;
      /** The name of one of the task's several inputs. */
      readonly input: string | undefined;
    }
  | {
      readonly kind: 'column';
      readonly column: number;
      /** The task to which the part belongs alone. */
      readonly task: string | undefined;
      /** The first name below the column, or below the task's own part of it; empty for all of it. */
      readonly part: string;
    };

/** The scope of a task's stem; `input`: the name of one of its several inputs. */
export const stemScope = (task: string, input?: string): string =>
  input === undefined ? `stem/${task}` : `stem/${task}.${input}`;
/** The name of the vector that marks one of a task's several inputs. */
export const typeName = (input: string): string => `type-${input}`;
export const headScope = (task: string): string => `head/${task}`;
export const taskScope = (task: string): string => `task/${task}`;
export const columnScope = (column: number): string => `column-${column}`;

/** The scope of a part of a column; `part`: one of the names below. */
export const inColumn = (column: number, part: string): string => `${columnScope(column)}/${part}`;
export const blockName = (block: number): string => `block-${block}`;
export const FINISH = 'finish';
/** The name of the part of a column for one command of tasks that write. */
export const commandName = (command: string): string => `${COMMAND}/${command}`;
const COMMAND = 'command';
/** The name of a part of a column's decoder. */
export const decoderName = (name: string): string => `${DECODER}/${name}`;
const DECODER = 'decoder';
export const ownName = (task: string, name: string): string => `own/${task}/${name}`;
const LATERAL = 'lateral-';
export const lateralName = (block: number): string => `${LATERAL}${block}`;
/** The part of a lateral adapter for what comes from an earlier column. */
export const fromName = (column: number): string => `from-${column}`;
/** The scope of a stem's way into an earlier column. */
export const intoScope = (stem: string, column: number): string => `${stem}/into-${column}`;

const OF_TASK = /^(stem|head|task)\/([^/.]+)(?:\.([^/]+))?/;
const OF_COLUMN = /^column-(\d+)(?:\/own\/([^/]+))?(?:\/([^/]+)|$)/;

/** Reads a scope, or the name of a variable in it; undefined for a name that is of no network. */
export function parseScope(name: string): Scope | undefined {
  const ofTask = OF_TASK.exec(name);
  if (ofTask !== null) return { kind: ofTask[1] as 'stem' | 'head' | 'task', task: ofTask[2]!, input: ofTask[3] };
  const ofColumn = OF_COLUMN.exec(name);
  if (ofColumn === null) return undefined;
  return { kind: 'column', column: Number(ofColumn[1]), task: ofColumn[2], part: ofColumn[3] ?? '' };
}

/** Whether a name lies below one of these scopes. */
export const isBelow = (name: string, ...scopes: readonly string[]): boolean =>
  scopes.some((scope) => name.startsWith(`${scope}/`));

/** Whether a scope is that of a head. */
export const isHead = (scope: string): boolean => parseScope(scope)?.kind === 'head';

/** Whether a scope is that of a lateral adapter. */
export function isLateral(scope: string): boolean {
  const parsed = parseScope(scope);
  return parsed?.kind === 'column' && parsed.part.startsWith(LATERAL);
}

/** The task to which alone a part of a column belongs; undefined for one that tasks share, and for what is no part of a column. */
export function ownerOf(scope: string): string | undefined {
  const parsed = parseScope(scope);
  return parsed?.kind === 'column' ? parsed.task : undefined;
}

/** Whether a scope is that of a part of a column that its tasks share. */
export function isTrunk(scope: string): boolean {
  const parsed = parseScope(scope);
  return parsed?.kind === 'column' && parsed.task === undefined;
}

/** Whether a scope is that of a column's decoder: what its tasks that write share. */
export function isDecoder(scope: string): boolean {
  const parsed = parseScope(scope);
  return parsed?.kind === 'column' && parsed.part === DECODER;
}

/** Whether a scope is that of a command to a column's decoder. */
export function isCommand(scope: string): boolean {
  const parsed = parseScope(scope);
  return parsed?.kind === 'column' && parsed.part === COMMAND;
}

/** Takes a setting's key apart: the scope of the part that it belongs to, and its name there. */
export function splitKey(key: string): { readonly scope: string; readonly name: string } {
  const at = parseScope(key)?.kind === 'column' ? key.lastIndexOf('/') : key.indexOf('/', key.indexOf('/') + 1);
  return { scope: key.slice(0, at), name: key.slice(at + 1) };
}

import type { Cell } from '../data/index.ts';
import { Family, type Kind } from '../kind/index.ts';
import type { HeadFactory, Json, StemFactory } from '../task/contract.ts';
import type { Split } from '../task/source.ts';
import { token } from '../task/tokens.ts';

/** What a look at some rows of a column shows, from which its kind is guessed. */
export interface ColumnSample {
  readonly column: string;
  /** Those cells that are not missing. */
  readonly cells: readonly Exclude<Cell, null>[];
  /** How many different ones are among them. */
  readonly distinct: number;
}

/** How well a kind fits a column. */
export interface Fit {
  /** From 0 to 1; the kind that fits best is taken. */
  readonly weight: number;
  /** Why, after the words "since its cells are": `numbers`. */
  readonly because: string;
}

/** Learns what a field has to know of its columns: it sees each row once, in the file's order. */
export interface FieldLearner {
  /**
   * Sees one row: `cells` are those of the field's columns, a missing one null. Of other splits than training it may learn which names
   * there are, and nothing else.
   */
  see(cells: readonly Cell[], place: CellPlace, split: Split): void | Promise<void>;
  /**
   * Gives what it has learned. It is saved with the run, so that nothing has to be learned again to predict.
   * @throws BanyanError `data` where nothing can be learned from what it saw.
   */
  facts(): Json;
}

/** A kind of input with its options: it turns cells into what a stem takes. */
export interface InputField<Input = unknown> {
  /** Says how well this kind fits a column; undefined where it does not. */
  fits(sample: ColumnSample): Fit | undefined;
  /** It is true where one stem takes all columns of this kind with the same options; else each column has a stem of its own. */
  readonly joins?: boolean;
  learn(columns: readonly string[]): FieldLearner;
  /**
   * Makes a stem's input of the cells of one row; a missing one is null.
   * @throws BanyanError `data` for a cell that is not of this kind.
   */
  read(cells: readonly Cell[], place: CellPlace): Input | Promise<Input>;
  stem(columns: readonly string[], facts: Json): StemFactory<Input>;
}

/** A kind of target with its options: it turns a cell into what a head learns. */
export interface TargetField<Target = unknown, Prediction = unknown> {
  /**
   * Where it is told from an input of one kind and no other, such as a mask from a picture: that kind, and those of its options that are the
   * target's as well; the target takes them from the input.
   */
  readonly reads?: { readonly input: string; readonly options: readonly string[] };
  fits(sample: ColumnSample): Fit | undefined;
  learn(column: string): FieldLearner;
  /**
   * Makes the head's target of a cell that is not missing.
   * @throws BanyanError `data` for a cell that is not of this kind.
   */
  read(cell: Exclude<Cell, null>, facts: Json, place: CellPlace): Target | Promise<Target>;
  head(facts: Json): HeadFactory<Target, Prediction>;
}

/** Where a cell stands. */
export interface CellPlace {
  /** The row: `houses.csv, line 7`. */
  readonly row: string;
  readonly columns: readonly string[];
  /** The folder in which a file is looked for that a cell names; undefined where a cell may name none. */
  readonly folder: string | undefined;
}

/** A plugin binds a kind of input by this token; several may. */
export const INPUT_FIELD_KIND = token<Kind<InputField>>('INPUT_FIELD_KIND');
/** A plugin binds a kind of target by this token; several may. */
export const TARGET_FIELD_KIND = token<Kind<TargetField>>('TARGET_FIELD_KIND');

/** All kinds of input. None is built in here, since each knows a modality: those of `banyan-ml/fields` are bound as a plugin's are. */
export const inputFieldKinds = new Family<InputField>('input', INPUT_FIELD_KIND, []);
/** All kinds of target; as above. */
export const targetFieldKinds = new Family<TargetField>('target', TARGET_FIELD_KIND, []);

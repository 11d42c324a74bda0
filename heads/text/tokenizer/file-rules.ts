// What a `tokenizer.json` must say to mean byte pairs with the pattern of GPT-2.

type Section = Readonly<Record<string, unknown>>;

const isSection = (value: unknown): value is Section =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isAbsent = (value: unknown): boolean => value === undefined || value === null;
const isOff = (value: unknown): boolean => isAbsent(value) || value === false || value === '';
const isOfType = (value: unknown, type: string): boolean => isSection(value) && value.type === type;
const isId = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;
const isMerge = (value: unknown): boolean =>
  typeof value === 'string' ||
  (Array.isArray(value) && value.length === 2 && value.every((half) => typeof half === 'string'));
const isAddedToken = (value: unknown): boolean =>
  isSection(value) &&
  isId(value.id) &&
  typeof value.content === 'string' &&
  value.content !== '' &&
  [value.lstrip, value.rstrip, value.single_word].every(isOff);

const RULES: readonly (readonly [place: string, expected: string, fits: (value: unknown) => boolean])[] = [
  ['model', 'a section of type "BPE"', (value) => isSection(value) && (value.type ?? 'BPE') === 'BPE'],
  ['normalizer', 'null, or a section of type "NFC"', (value) => isAbsent(value) || isOfType(value, 'NFC')],
  ['pre_tokenizer', 'a section of type "ByteLevel"', (value) => isOfType(value, 'ByteLevel')],
  ['pre_tokenizer.add_prefix_space', 'true or false', (value) => typeof value === 'boolean'],
  ['pre_tokenizer.use_regex', 'true', (value) => isAbsent(value) || value === true],
  [
    'post_processor',
    'null, or a section of type "ByteLevel"',
    (value) => isAbsent(value) || isOfType(value, 'ByteLevel'),
  ],
  ...['dropout', 'continuing_subword_prefix', 'end_of_word_suffix', 'fuse_unk', 'byte_fallback', 'ignore_merges'].map(
    (option) => [`model.${option}`, 'null or false', isOff] as const,
  ),
  [
    'model.vocab',
    'a section with an id for each token',
    (value) => isSection(value) && Object.values(value).every(isId),
  ],
  ['model.merges', 'a list of pairs of tokens', (value) => Array.isArray(value) && value.every(isMerge)],
  [
    'added_tokens',
    'a list of tokens, each with id and content, and none with lstrip, rstrip or single_word',
    (value) => isAbsent(value) || (Array.isArray(value) && value.every(isAddedToken)),
  ],
];

/** A `tokenizer.json` that was checked. */
export interface TokenizerFile {
  readonly added_tokens?: readonly { readonly id: number; readonly content: string }[] | null;
  readonly normalizer?: Section | null;
  readonly pre_tokenizer: { readonly add_prefix_space: boolean };
  readonly model: {
    readonly vocab: Readonly<Record<string, number>>;
    readonly merges: readonly (string | readonly [string, string])[];
  };
}

/** Says in one clause what is wrong with the first thing that is; undefined where nothing is. */
export function faultOfFile(file: unknown): string | undefined {
  for (const [place, expected, fits] of RULES) {
    const value = place
      .split('.')
      .reduce<unknown>((section, key) => (isSection(section) ? section[key] : undefined), file);
    if (!fits(value)) return `${place} must be ${expected}, received ${shown(value)}`;
  }
  return undefined;
}

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80));

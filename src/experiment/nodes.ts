import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  Lexer,
  type LineCounter,
  type Node,
  Parser,
  visit,
  type YAMLMap,
} from 'yaml';

// What the parser lets pass, and no experiment can mean.

/** Sections and lists within each other; everything that reads them calls itself for each. */
const MOST_LEVELS = 100;
/** Each is looked for in the whole text. */
const MOST_ALIASES = 100;
/** Values, each as often as aliases stand for it. */
const MOST_VALUES = 500_000;

/** Ends the reading at a position of the text. */
export type Fail = (position: number, what: string, cause?: unknown) => never;

/**
 * The text's documents, of which there is none where it is empty. How deep it goes is checked before anything calls itself for each
 * level; that each key is there once is not, since the parser compares all with all. `lines` learns where its lines begin.
 */
export function parse(text: string, lines: LineCounter, fail: Fail): Document.Parsed[] {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  const tokens: CST.Token[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > MOST_LEVELS)
      fail(
        parser.offset,
        `more than ${MOST_LEVELS} sections or lists lie within each other, expected a few. Remove the brackets or dashes that are too many.`,
      );
  }
  tokens.push(...parser.end());
  return [...new Composer({ uniqueKeys: false }).compose(tokens, true, text.length)] as Document.Parsed[];
}

/** `notThat`: says that it is no YAML, or JSON, and why. */
export function checkNodes(document: Document, notThat: (what: string) => string, fail: Fail): void {
  if (document.directives?.yaml.version === '1.1')
    fail(0, 'its first line says that it is YAML 1.1, expected 1.2. Remove "%YAML 1.1" and the "---" after it.');
  /** By their names, as they stand before what is visited. */
  const anchors = new Map<string, Node>();
  let aliases = 0;
  visit(document, {
    Node: (_, node, path) => {
      const position = node.range?.[0] ?? 0;
      if (isMap(node)) checkKeys(node.items, position, notThat, fail);
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.set(node.anchor, node);
        return;
      }
      if (++aliases > MOST_ALIASES)
        fail(position, `this is alias number ${aliases}, expected at most ${MOST_ALIASES}. ${WRITE_OUT}`);
      const target = anchors.get(node.source);
      if (target === undefined)
        fail(
          position,
          `the alias *${node.source} stands for nothing, expected an anchor before it. Set &${node.source} there, or correct the name.`,
        );
      if (path.some((around) => around === target))
        fail(position, `the alias *${node.source} stands inside of what it stands for. Write out what it should be.`);
    },
  });
}

const WRITE_OUT = 'Write out what the aliases stand for.';

function checkKeys(items: YAMLMap['items'], begin: number, notThat: (what: string) => string, fail: Fail): void {
  const names = new Set<string>();
  for (const { key, value } of items) {
    const position = (key as Node | null)?.range?.[0] ?? (value as Node | null)?.range?.[0] ?? begin;
    if (!isScalar(key)) {
      const what = isAlias(key) ? 'an alias' : 'a section or list';
      fail(position, `${what} is a key, expected a word. Name the key by a word.`);
    } else if (key.value === null) fail(position, 'a key is empty, expected a word. Name the key by a word.');
    else if (key.value === '<<')
      fail(position, 'it merges sections by "<<", which YAML 1.2 has not. Write out the keys.');
    else if (key.value === '__proto__') fail(position, '"__proto__" can be no key. Rename it.');
    // As they will be called: 1 and "1" are one.
    else if (names.size === names.add(String(key.value)).size)
      fail(position, notThat('Map keys must be unique. Remove one of the two.'));
  }
}

/** Gives what a document says, as plain data of a size that can be gone through. */
export function dataOf(document: Document, fail: Fail): unknown {
  let values = 0;
  const count = (value: unknown, level: number): void => {
    if (++values > MOST_VALUES) throw new RangeError(`more than ${MOST_VALUES} values`);
    if (level > MOST_LEVELS) throw new RangeError(`more than ${MOST_LEVELS} sections or lists within each other`);
    if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) count(part, level + 1);
  };
  try {
    const data: unknown = document.toJS();
    count(data, 0);
    return data;
  } catch (cause) {
    // Nothing of this is a fault of one place but aliases of aliases, which would fill the memory: the last one stands for them.
    return fail(
      lastAlias(document),
      `aliases of aliases make this too large (${(cause as Error).message}). ${WRITE_OUT}`,
      cause,
    );
  }
}

function lastAlias(document: Document): number {
  let position = 0;
  visit(document, {
    Alias: (_, { range }) => {
      position = Math.max(position, range?.[0] ?? 0);
    },
  });
  return position;
}

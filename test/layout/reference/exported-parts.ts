import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { root } from '../../repository.ts';
import { code, table } from './markdown.ts';

/** What a function of a room makes: told by the type that it returns. */
const MAKES: Readonly<Record<string, string>> = {
  StemFactory: 'stem',
  HeadFactory: 'head',
  Source: 'source',
};

interface Part {
  readonly name: string;
  readonly makes: string;
  /** First paragraph of its doc comment. */
  readonly text: string;
  readonly options: readonly { readonly name: string; readonly needed: boolean; readonly text: string }[];
}

const parse = (path: string) =>
  ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest, true);

/** A doc comment as one line, without its tags. */
function docOf(node: ts.Node): string {
  const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).slice(-1);
  return (ts.getTextOfJSDocComment(doc?.comment) ?? '').replace(/\s+/g, ' ').trim();
}

const childrenOf = (file: ts.SourceFile) => file.statements;

/** Files whose exports leave a room, with the names. */
function exportsOf(index: string): readonly { readonly path: string; readonly names: readonly string[] }[] {
  return childrenOf(parse(index)).flatMap((statement) => {
    if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier === undefined) return [];
    const path = join(dirname(index), (statement.moduleSpecifier as ts.StringLiteral).text);
    const clause = statement.exportClause;
    const names = clause !== undefined && ts.isNamedExports(clause) ? clause.elements.map(({ name }) => name.text) : [];
    return [{ path, names }];
  });
}

/** A file of a room may pass on what another one holds. */
function declaredIn(path: string, name: string): { file: ts.SourceFile; node: ts.FunctionDeclaration } | undefined {
  const file = parse(path);
  for (const statement of childrenOf(file)) {
    if (ts.isFunctionDeclaration(statement) && statement.name?.text === name) return { file, node: statement };
  }
  const passed = exportsOf(path).find(({ names }) => names.includes(name));
  return passed && declaredIn(passed.path, name);
}

function optionsOf(file: ts.SourceFile, type: string): Part['options'] {
  const found = childrenOf(file).find(
    (statement): statement is ts.InterfaceDeclaration =>
      ts.isInterfaceDeclaration(statement) && statement.name.text === type,
  );
  const inherited = (found?.heritageClauses ?? []).flatMap(({ types }) =>
    types.flatMap(({ expression }) => {
      const name = expression.getText();
      const source = childrenOf(file).find(
        (statement): statement is ts.ImportDeclaration =>
          ts.isImportDeclaration(statement) && statement.importClause?.getText().includes(name) === true,
      );
      const path = (source?.moduleSpecifier as ts.StringLiteral | undefined)?.text;
      if (path === undefined) return optionsOf(file, name);
      return path.startsWith('.') ? optionsOf(parse(join(dirname(file.fileName), path)), name) : [];
    }),
  );
  const own = (found?.members ?? ([] as readonly ts.TypeElement[])).filter(ts.isPropertySignature).map((member) => ({
    name: member.name.getText(),
    needed: member.questionToken === undefined,
    text: docOf(member) || code(member.type!.getText().replaceAll('readonly ', '')),
  }));
  return [...inherited, ...own];
}

/** The stems, heads and sources that a room lets out. */
export function partsOf(index: string): readonly Part[] {
  return exportsOf(index).flatMap(({ path, names }) =>
    names.flatMap((name) => {
      const declared = declaredIn(path, name);
      const returned = declared?.node.type;
      if (declared === undefined || returned === undefined || !ts.isTypeReferenceNode(returned)) return [];
      const makes = MAKES[returned.typeName.getText()];
      const parameter = declared.node.parameters[0]?.type;
      if (makes === undefined) return [];
      return [
        {
          name,
          makes,
          text: docOf(declared.node),
          options:
            parameter !== undefined && ts.isTypeReferenceNode(parameter)
              ? optionsOf(declared.file, parameter.typeName.getText())
              : [],
        },
      ];
    }),
  );
}

/** The page of all built-in stems, heads and sources. */
export function partsPage(rooms: readonly (readonly [entry: string, index: string])[]): string {
  const lines = rooms.flatMap(([entry, index]) => [
    `## ${code(entry)}`,
    '',
    ...partsOf(index).flatMap(({ name, makes, text, options }) => [
      `### ${code(name)}, a ${makes}`,
      '',
      text,
      '',
      ...table(
        ['option', 'what it says', ''],
        options.map((option) => [code(option.name), option.text, option.needed ? 'needed' : '']),
      ),
    ]),
  ]);
  return [
    '# Built-in stems, heads and sources',
    '',
    'What a task can be made of without writing any of it; [plugins.md](plugins.md) tells how to write your own. This page is made from the',
    'code and its comments, and a test holds it.',
    '',
    ...lines,
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

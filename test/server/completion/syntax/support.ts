import { createRequire } from 'node:module';
import path from 'node:path';
import { createSyntax, type Syntax } from '../../../../server/completion/syntax';

const resolver = createRequire(import.meta.url);

/** The files that the build copies into `dist/grammars`, from where it takes them. */
export function grammarFile(file: string): string {
  if (file === 'web-tree-sitter.wasm') return resolver.resolve('web-tree-sitter/web-tree-sitter.wasm');
  const name = file.replace('.wasm', '');
  const folder = name === 'tree-sitter-tsx' ? 'tree-sitter-typescript' : name;
  return path.join(path.dirname(resolver.resolve(`${folder}/package.json`)), file);
}

/** Syntax with these grammars in memory. */
export async function loadedSyntax(...languageIds: readonly string[]): Promise<Syntax> {
  const syntax = createSyntax(grammarFile, fail, Number.POSITIVE_INFINITY);
  for (const languageId of languageIds) await syntax.load(languageId);
  return syntax;
}

export function fail(line: string): never {
  throw new Error(line);
}

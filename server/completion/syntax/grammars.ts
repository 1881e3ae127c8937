import type { Language } from 'web-tree-sitter';

type Library = typeof import('web-tree-sitter');

/** Grammars by language id: the names of the files in `dist/grammars`. */
const grammarOf: Readonly<Record<string, string>> = {
  css: 'tree-sitter-css',
  go: 'tree-sitter-go',
  java: 'tree-sitter-java',
  javascript: 'tree-sitter-javascript',
  javascriptreact: 'tree-sitter-javascript',
  json: 'tree-sitter-json',
  jsonc: 'tree-sitter-json',
  python: 'tree-sitter-python',
  rust: 'tree-sitter-rust',
  typescript: 'tree-sitter-typescript',
  typescriptreact: 'tree-sitter-tsx',
};

/** A grammar that is in memory, and the library that reads it. */
export interface Grammar {
  readonly language: Language;
  readonly library: Library;
}

export interface Grammars {
  /** The grammar if it is there already; if not, it is loaded for the next time. */
  get(languageId: string): Grammar | undefined;
  /** Waits until it is known whether there is one: for those who do not type. */
  load(languageId: string): Promise<Grammar | undefined>;
}

/**
 * Grammars are read at their first use, beside everything else: a language that nobody opens costs nothing.
 * @param locate path of a file of `dist/grammars`
 */
export function createGrammars(locate: (file: string) => string, log: (line: string) => void): Grammars {
  const loading = new Map<string, Promise<Grammar | undefined>>();
  const loaded = new Map<string, Grammar>();
  let library: Promise<Library> | undefined;

  const read = async (name: string): Promise<Grammar | undefined> => {
    try {
      library ??= initialised(locate);
      const initial = await library;
      const language = await initial.Language.load(locate(`${name}.wasm`));
      const grammar = { language, library: initial };
      loaded.set(name, grammar);
      return grammar;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log(`Syntax is told by indentation, because ${name} cannot be loaded: ${why}`);
      return undefined;
    }
  };

  const load = (languageId: string): Promise<Grammar | undefined> => {
    const name = grammarOf[languageId];
    if (name === undefined) return Promise.resolve(undefined);
    const started = loading.get(name) ?? read(name);
    loading.set(name, started);
    return started;
  };

  return {
    load,
    get(languageId) {
      const grammar = loaded.get(grammarOf[languageId] ?? '');
      if (grammar === undefined) void load(languageId);
      return grammar;
    },
  };
}

async function initialised(locate: (file: string) => string): Promise<Library> {
  const library = await import('web-tree-sitter');
  await library.Parser.init({ locateFile: locate });
  return library;
}

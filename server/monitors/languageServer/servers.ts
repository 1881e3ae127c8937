import { createRequire } from 'node:module';
import path from 'node:path';
import { findProgram, isWithin } from './program';

/** A language server that speaks LSP over its standard input and output. */
export interface LanguageServer {
  /** Language ids of VS Code. */
  readonly languages: readonly string[];
  /** The program, then its arguments; a program without a folder is looked up on PATH. */
  readonly command: readonly string[];
  readonly initializationOptions?: unknown;
  /** What it is told when it asks for its settings, by section. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Name of an npm package next to ourselves and of its script, for where the program is not on PATH. */
  readonly npm?: { readonly package: string; readonly script: string };
  /** Whether "incomplete" only means that it wants to be asked again when more is typed (pyright says so every time). */
  readonly isWholeThoughIncomplete?: boolean;
  /**
   * Documents that stay open with their hypothetical text, so that they need not be read again; one where left out. More are
   * right only for a server to which a document's text is not what others see of it.
   */
  readonly openDocuments?: number;
}

/** Nothing of a completion that is not needed here, and never more than a part of what is legal. */
const goSettings = {
  completionBudget: '0s',
  // With these two gopls has a whole list; a fuzzy one with deep completions (`a.b`) is cut.
  matcher: 'CaseSensitive',
  deepCompletion: false,
  completeUnimported: false,
  usePlaceholders: false,
  experimentalPostfixCompletions: false,
};

/** The servers that are used where they are installed. Others are configured by command line. */
export const builtInServers: readonly LanguageServer[] = [
  {
    languages: ['python'],
    command: ['pyright-langserver', '--stdio'],
    npm: { package: 'pyright', script: 'langserver.index.js' },
    settings: {
      python: {
        analysis: {
          // Strict mode writes types that are known in part as such ("int | Unknown"); its diagnostics are not read.
          typeCheckingMode: 'strict',
          diagnosticMode: 'openFilesOnly',
          autoImportCompletions: false,
          indexing: false,
        },
      },
    },
    isWholeThoughIncomplete: true,
  },
  {
    languages: ['c', 'cpp'],
    command: [
      'clangd',
      '--limit-results=0',
      // Otherwise it lists names of anywhere while it has not read a file's headers.
      '--completion-parse=always',
      '--background-index=false',
      '--header-insertion=never',
      '--all-scopes-completion=false',
      '--clang-tidy=false',
      '--pch-storage=memory',
      '--log=error',
      '-j=2',
    ],
    // It takes headers from disk, open or not, and reading a file with all of its headers takes seconds.
    openDocuments: 4,
  },
  {
    languages: ['go'],
    // A daemon of its own: the one that an editor shares must not see hypothetical text.
    command: ['gopls', '-remote=', 'serve'],
    initializationOptions: goSettings,
    settings: { gopls: goSettings },
    // Without these, Go downloads modules and whole toolchains. The user's own GOFLAGS hold: build tags, a vendored module.
    environment: { GOPROXY: 'off', GOTOOLCHAIN: 'local' },
  },
];

/**
 * @param folders what belongs to the workspace is not started, wherever it was found
 * @returns what to start, or one sentence that says why nothing can be
 */
export async function resolveCommand(
  server: LanguageServer,
  folders: readonly string[],
): Promise<{ readonly command: readonly string[] } | { readonly reason: string }> {
  const [program, ...args] = server.command;
  if (program === undefined) return { reason: 'No program is named for the language server.' };
  const found = await findProgram(program, folders);
  if (found !== undefined) return { command: [found, ...args] };
  const script = server.npm && npmScript(server.npm);
  if (script !== undefined && !(await isWithin(script, folders)))
    return { command: [process.execPath, script, ...args] };
  return { reason: `The language server ${program} is not installed outside of the workspace.` };
}

function npmScript({ package: name, script }: { package: string; script: string }): string | undefined {
  try {
    return path.join(
      path.dirname(createRequire(path.join(__dirname, 'servers')).resolve(`${name}/package.json`)),
      script,
    );
  } catch {
    // Not installed next to ourselves.
    return undefined;
  }
}

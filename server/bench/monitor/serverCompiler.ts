import { pathToFileURL } from 'node:url';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { CompletionList, Diagnostic, Position } from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { connect } from '../../monitors/languageServer/connection';
import { createDocuments } from '../../monitors/languageServer/documents';
import { type LanguageServer, resolveCommand } from '../../monitors/languageServer/servers';
import { wordsOf } from '../../monitors/languageServer/words';
import type { Compiler, Finding } from './judge';
import type { ServedLanguage } from './languages';
import { scanner } from './scan';

export interface ServerCompiler extends Compiler {
  stop(): Promise<void>;
}

/** A server reads a file with all its headers, and does other work first. */
const patienceMs = 60_000;

/**
 * Another instance of a language's server, asked for errors only: it must not know what the one under measurement knows.
 * Rejects, with one sentence, where the server is not installed or does not start.
 */
export async function serverCompiler(
  language: ServedLanguage,
  server: LanguageServer,
  root: string,
  log: (line: string) => void,
): Promise<ServerCompiler> {
  const resolved = await resolveCommand(server, [root]);
  if ('reason' in resolved) throw new Error(resolved.reason);
  const connection = await connect({
    command: resolved.command,
    server: { ...server, settings: language.judgeSettings ?? server.settings ?? {} },
    folders: [root],
    startMs: patienceMs,
    log,
  });
  const documents = createDocuments(connection, 1);
  const told = new Map<string, { version: number; diagnostics: readonly Diagnostic[] }>();
  let onTold: () => void = () => undefined;
  connection.onDiagnostics((uri, diagnostics, version = 0) => {
    told.set(uri, { version, diagnostics });
    onTold();
  });
  const never = new CancellationTokenSource().token;

  const pulled = async (uri: string) => {
    const params = { textDocument: { uri } };
    const { items } = await connection.request<{ items?: Diagnostic[] }>(
      'textDocument/diagnostic',
      params,
      never,
    );
    if (items === undefined) throw new Error(`The language server of ${language.name} listed no errors.`);
    return items;
  };
  const pushed = async (uri: string, version: number) => {
    const until = performance.now() + patienceMs;
    for (;;) {
      const last = told.get(uri);
      if (last?.version === version) return last.diagnostics;
      const left = until - performance.now();
      if (left <= 0) throw new Error(`The language server of ${language.name} did not tell about errors.`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        onTold = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };

  const lists = async (uri: string, position: Position, name: string) => {
    const params = { textDocument: { uri }, position };
    const answer = await connection.request<CompletionList | null>('textDocument/completion', params, never);
    return wordsOf(answer?.items ?? []).includes(name);
  };

  return {
    async findings(fileName, text) {
      const uri = pathToFileURL(fileName).href;
      const version = await documents.show(uri, language.id, text);
      const diagnostics = await (language.pullsDiagnostics ? pulled(uri) : pushed(uri, version));
      const document = TextDocument.create(uri, language.id, 0, text);
      const errors = diagnostics.filter(({ severity }) => severity === 1);
      const findings: Finding[] = [];
      for (const { code = '', message, range } of errors) {
        // Behind the first line clangd says where in the file other things are.
        const [said = ''] = (typeof message === 'string' ? message : message.value).split('\n');
        findings.push({
          error: `${code} ${said}`,
          start: document.offsetAt(range.start),
          isNoMember:
            language.isNoMember(String(code), said) ||
            (language.isNoType?.(said) === true && !(await lists(uri, range.start, document.getText(range)))),
        });
      }
      return findings;
    },
    scan: scanner(language.comment),
    stop: () => connection.stop(),
  };
}

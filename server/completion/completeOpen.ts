import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { DocumentHistory } from '../documents/history';
import { type CompleteOptions, type CompletionDependencies, completeAt } from './complete';
import type { Position } from './guards';
import type { CompletionResult } from './result';

/** Completes in an open document, with what its history knows: the same for an editor and a replayed session. */
export async function completeOpen(
  dependencies: CompletionDependencies,
  history: DocumentHistory,
  document: TextDocument,
  position: Position,
  options: Omit<CompleteOptions, 'copySources'>,
  signal: AbortSignal,
): Promise<CompletionResult> {
  const { uri } = document;
  history.use(uri);
  const problem = history.problem(uri);
  if (problem !== undefined) {
    return { kind: 'empty', reason: 'document-out-of-sync', message: problem, totalMs: 0 };
  }
  const copies = !dependencies.settings.without.includes('copy');
  const copySources = copies ? history.copySources(uri) : [];
  return completeAt(dependencies, document, position, { ...options, copySources }, signal);
}

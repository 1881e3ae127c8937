import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { CopySource } from '../../engine/index';
import type { DocumentHistory } from '../documents/history';
import type { Settings } from '../protocol';
import { type CompleteOptions, type CompletionDependencies, completeAt, emptyResult } from './complete';
import type { Position, Refusal } from './guards';
import type { CompletionResult } from './result';
import { withoutUndone } from './undone';

/** Why an open document cannot be completed whatever the place. The user is in it from now on. */
export function refuseOpen(history: DocumentHistory, uri: string): Refusal | undefined {
  history.use(uri);
  const message = history.problem(uri);
  return message === undefined ? undefined : { reason: 'document-out-of-sync', message };
}

/** What may be copied from in an open document. */
export function copySourcesOf(
  history: DocumentHistory,
  { without }: Settings,
  uri: string,
): readonly CopySource[] {
  return without.includes('copy') ? [] : history.copySources(uri);
}

/** Completes in an open document, with what its history knows: the same for an editor and a replayed session. */
export async function completeOpen(
  dependencies: CompletionDependencies,
  history: DocumentHistory,
  document: TextDocument,
  position: Position,
  options: Omit<CompleteOptions, 'copySources'>,
  signal: AbortSignal,
): Promise<CompletionResult> {
  const refusal = refuseOpen(history, document.uri);
  if (refusal !== undefined) return emptyResult(refusal);
  const copySources = copySourcesOf(history, dependencies.settings, document.uri);
  const result = await completeAt(dependencies, document, position, { ...options, copySources }, signal);
  // Who asks for it may have it back.
  const removed = options.isExplicit
    ? undefined
    : history.removedAt(document.uri, document.offsetAt(position));
  return withoutUndone(result, removed);
}

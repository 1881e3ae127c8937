import type { TextDocument } from 'vscode-languageserver-textdocument';
import { placeOf, prepareAt } from '../completion/complete';
import type { Position } from '../completion/guards';
import type { ServerContext } from '../context';
import type { Notebooks } from '../documents/notebooks';
import { clipboardRequest, viewedNotification } from '../protocol';
import { budgetsOf } from '../retrieval/budgets';

/** Clipboards are read no more often than this. */
const clipboardMs = 2000;

/** Hears what the user edits, looks at, saves and closes, from which context for other documents is taken. */
export function register(context: ServerContext, notebooks: Notebooks): void {
  const { connection, documents, surroundings, manners, client, log } = context;
  const { retrieval, signatures } = surroundings;

  context.onReplaced.push((uri, replacement) => {
    const document = documents.get(uri);
    if (document !== undefined && !manners.isOff(document)) retrieval.edited(document, replacement);
  });
  documents.onDidSave(({ document }) => {
    if (!manners.isOff(document)) retrieval.saved(document);
  });
  documents.onDidClose(({ document }) => {
    retrieval.forget(document.uri);
    signatures.forget(document.uri);
  });
  connection.onNotification(viewedNotification.method, (params: unknown) => {
    const { uri, first, last, caret } = viewedOf(params);
    const document = typeof uri === 'string' ? documents.get(uri) : undefined;
    if (document === undefined || !isLine(first) || !isLine(last) || manners.isOff(document)) return;
    retrieval.viewed(document, Math.floor((first + last) / 2));
    if (isPlace(caret)) prepare(document, caret);
  });
  context.onSettings.push(() => retrieval.recheck());

  /** Who comes back to a document goes on in it: by then the engine has read what has become of its surroundings. */
  function prepare(document: TextDocument, caret: Position): void {
    const engine = context.engine.access();
    if (engine.state !== 'ready' || manners.refuse(document, caret, true) !== undefined) return;
    const place = placeOf(document, caret, context.settings, {}, context.syntax);
    if ('reason' in place) return;
    const { contextTokens } = engine.engine.info;
    const around = surroundings.gather(document, caret, contextTokens);
    prepareAt({ engine, settings: context.settings }, document.uri, place, around);
  }

  let askedAt = Number.NEGATIVE_INFINITY;
  context.onFinished.push(() => {
    const isWanted = client.notifications && budgetsOf(context.settings, 0).clipboard > 0;
    if (!isWanted) return retrieval.clipboard('');
    if (performance.now() - askedAt < clipboardMs) return;
    askedAt = performance.now();
    connection.sendRequest<string>(clipboardRequest.method).then(
      (text) => retrieval.clipboard(typeof text === 'string' ? text : ''),
      (error) => log.debug(`The client did not tell what the clipboard holds: ${String(error)}`),
    );
  });

  notebooks.listen(connection);
}

const viewedOf = (params: unknown): Readonly<Record<string, unknown>> =>
  typeof params === 'object' && params !== null ? (params as Record<string, unknown>) : {};

const isLine = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0;

function isPlace(value: unknown): value is Position {
  const { line, character } = viewedOf(value);
  return isLine(line) && isLine(character);
}

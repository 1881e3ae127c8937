import type { TextDocument } from 'vscode-languageserver-textdocument';

/** What completing needs of a document: a `TextDocument`, or anything like it. */
export type CompletionDocument = Pick<
  TextDocument,
  'uri' | 'languageId' | 'version' | 'lineCount' | 'getText' | 'offsetAt'
>;

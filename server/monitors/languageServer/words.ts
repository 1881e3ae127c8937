import type { CompletionItem, CompletionItemKind } from 'vscode-languageserver-protocol';

const kinds = { text: 1, keyword: 14, snippet: 15 } as const satisfies Record<string, CompletionItemKind>;

/**
 * The names that completion items stand for. What is written counts before what is shown: labels have blanks, bullets and
 * parameter lists (clangd). Dropped is what also changes other text: an import added on top, a dot made an arrow.
 */
export function wordsOf(items: readonly CompletionItem[]): string[] {
  const words = new Set<string>();
  for (const item of items) {
    if (item.kind === kinds.text || item.kind === kinds.keyword || item.kind === kinds.snippet) continue;
    if ((item.additionalTextEdits ?? []).length > 0) continue;
    const written = item.textEdit?.newText ?? item.insertText ?? item.filterText ?? item.label;
    const word = /^[\s•]*(~?[\p{L}\p{N}_$]+)/u.exec(written)?.[1];
    if (word !== undefined) words.add(word);
  }
  return [...words];
}

/** Keywords among the items say that the server saw the place as the begin of an expression rather than behind a dot. */
export const hasOtherKeywords = (items: readonly CompletionItem[], expected: readonly string[]): boolean =>
  items.some(({ kind, label }) => kind === kinds.keyword && !expected.includes(label.trim()));

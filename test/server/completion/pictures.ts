import { TextDocument } from 'vscode-languageserver-textdocument';
import { type CaretContext, caretContext } from '../../../server/completion/caret';
import { type Filter, type FilterContext, postprocess } from '../../../server/completion/postprocess';
import type { Syntax } from '../../../server/completion/syntax';

/** `║` is the caret. */
export function caretIn(picture: string, languageId = 'typescript'): CaretContext {
  const offset = picture.indexOf('║');
  const document = TextDocument.create('file:///a', languageId, 1, picture.replace('║', ''));
  return caretContext(document, document.positionAt(offset), 2048);
}

export type Given = Partial<Omit<FilterContext, 'syntax'>> & { readonly syntax?: Syntax };

/** What filters know in a picture; with `syntax` what its tree says. */
export function contextIn(picture: string, { syntax, ...given }: Given = {}): FilterContext {
  const { mode = 'block', languageId = 'typescript' } = given;
  const caret = caretIn(picture, languageId);
  return { ...caret, mode, languageId, syntax: syntax?.at('file:///a', languageId, caret), ...given };
}

/** `├ ┤` encloses the completion: `call(├x)┤)`. Returns the picture with what the filter leaves of it. */
export function filterPicture(
  picture: string,
  filter: Filter = postprocess,
  mode: 'line' | 'block' = 'block',
  given: Given = {},
): string {
  const [, before = '', completion = '', after = ''] = /^(.*)├(.*)┤(.*)$/s.exec(picture) ?? [];
  const context = contextIn(`${before}║${after}`, { ...given, mode });
  return `${before}├${filter(completion, context)}┤${after}`;
}

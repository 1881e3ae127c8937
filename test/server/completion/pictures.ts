import { TextDocument } from 'vscode-languageserver-textdocument';
import { type CaretContext, caretContext } from '../../../server/completion/caret';
import { type Filter, postprocess } from '../../../server/completion/postprocess';

/** `║` is the caret. */
export function caretIn(picture: string, languageId = 'typescript'): CaretContext {
  const offset = picture.indexOf('║');
  const document = TextDocument.create('file:///a', languageId, 1, picture.replace('║', ''));
  return caretContext(document, document.positionAt(offset), 2048);
}

/** `├ ┤` encloses the completion: `call(├x)┤)`. Returns the picture with what the filter leaves of it. */
export function filterPicture(
  picture: string,
  filter: Filter = postprocess,
  mode: 'line' | 'block' = 'block',
): string {
  const [, before = '', completion = '', after = ''] = /^(.*)├(.*)┤(.*)$/s.exec(picture) ?? [];
  const context = { ...caretIn(`${before}║${after}`), mode };
  return `${before}├${filter(completion, context)}┤${after}`;
}

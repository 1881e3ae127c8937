import { whyGenerated } from '../documents/generated';
import { matcherOf } from '../documents/globs';
import { scopeAt } from '../documents/scope';
import { secretGlob } from '../documents/secrets';
import { schemeOf } from '../documents/uris';
import type { EmptyReason, Settings } from '../protocol';
import { languageOn } from '../settings';
import type { CompletionDocument } from './document';

/** Why nothing is generated, before the engine is asked. */
export interface Refusal {
  readonly reason: EmptyReason;
  readonly message: string;
}

export interface Position {
  readonly line: number;
  readonly character: number;
}

/**
 * UTF-16 units. Source files that people edit stay far below; above it every keystroke would copy and
 * scan megabytes.
 */
export const largestDocument = 4 * 1024 * 1024;

/**
 * Whether completions are off in this document as a whole, wherever the caret is.
 * @param folders paths of the workspace, to which globs are relative
 */
export function refuseDocument(
  document: CompletionDocument,
  settings: Settings,
  folders: readonly string[] = [],
): Refusal | undefined {
  return (
    refuseByName(document, settings, folders) ??
    refuseContent(document) ??
    (settings.disable.generated ? refuseGenerated(document) : undefined)
  );
}

/** What name and language decide, so that nothing of the text is looked at. */
export function refuseByName(
  document: Pick<CompletionDocument, 'uri' | 'languageId'>,
  settings: Settings,
  folders: readonly string[],
): Refusal | undefined {
  const secret = secretGlob(document.uri, settings.secretFiles, folders);
  if (secret !== undefined) {
    return {
      reason: 'secret-file',
      message: `Completions are off in this file, and the model never sees it: its name (${secret}) says that it holds keys or passwords; if not, set that to false in slipstream.secretFiles.`,
    };
  }
  const named = settings.disable[`${schemeOf(document.uri)}:`]
    ? `${schemeOf(document.uri)}:`
    : matcherOf(settings.disable).match(document.uri, folders);
  if (named !== undefined) {
    return {
      reason: 'disabled-here',
      message: `Completions are off in this file, because slipstream.disable has ${named}; take that out to have them.`,
    };
  }
  if (!languageOn(settings, document.languageId)) {
    return {
      reason: 'language-off',
      message: `Completions are off for ${document.languageId}; switch them on in slipstream.enable.`,
    };
  }
  return undefined;
}

function refuseContent(document: CompletionDocument): Refusal | undefined {
  const text = document.getText();
  if (text.length > largestDocument) {
    const size = (text.length / 1024 / 1024).toFixed(1);
    return {
      reason: 'file-too-large',
      message: `Completions are off in this file: it has ${size} M characters and the limit is ${largestDocument / 1024 / 1024} M; split it to have them.`,
    };
  }
  // The same test that git and VS Code use: text files have no NUL.
  if (text.includes('\0')) {
    return {
      reason: 'file-binary',
      message:
        'Completions are off in this file: it contains NUL characters, so it is not text; if it is, save it as UTF-8.',
    };
  }
  return undefined;
}

function refuseGenerated(document: CompletionDocument): Refusal | undefined {
  const why = whyGenerated(document.uri, document.getText(), document.lineCount);
  return why === undefined
    ? undefined
    : {
        reason: 'generated-file',
        message: `Completions are off in this file, because a program has written it: ${why}; set generated to false in slipstream.disable to have them.`,
      };
}

/** Whether completions are off at a place, for what it is in. Reads the text before it only where that is wanted. */
export function refuseScope(
  document: CompletionDocument,
  position: Position,
  { disable }: Settings,
): Refusal | undefined {
  if (!disable.comments && !disable.strings) return undefined;
  const scope = scopeAt(document.getText(), document.offsetAt(position), document.languageId);
  if (scope === 'code' || !disable[`${scope}s`]) return undefined;
  return {
    reason: scope === 'comment' ? 'in-comment' : 'in-string',
    message: `Completions are off in ${scope}s; set ${scope}s to false in slipstream.disable to have them.`,
  };
}

/**
 * A character beyond the end of its line means that end, as LSP says; a line that does not exist, or
 * a place inside a surrogate pair, means nothing.
 */
export function refusePosition(document: CompletionDocument, position: Position): Refusal | undefined {
  const { line, character } = position;
  if (!isIndex(line) || !isIndex(character)) {
    return {
      reason: 'position-outside-document',
      message:
        'The position is none, because line and character must be whole numbers from 0; ask with such numbers.',
    };
  }
  if (line >= document.lineCount) {
    return {
      reason: 'position-outside-document',
      message: `Line ${line + 1}, column ${character + 1} is outside the document, which has ${document.lineCount} lines; ask at a place in it.`,
    };
  }
  const offset = document.offsetAt(position);
  if (splitsSurrogatePair(document.getText(), offset)) {
    return {
      reason: 'position-outside-document',
      message: `Line ${line + 1}, column ${character + 1} is inside a character; ask before or behind it (columns count UTF-16 units).`,
    };
  }
  return undefined;
}

function isIndex(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0;
}

export function splitsSurrogatePair(text: string, offset: number): boolean {
  return (
    isBetween(text.charCodeAt(offset - 1), 0xd800, 0xdbff) &&
    isBetween(text.charCodeAt(offset), 0xdc00, 0xdfff)
  );
}

function isBetween(value: number, low: number, high: number): boolean {
  return value >= low && value <= high;
}

import { defaultSettings } from '../protocol';
import { type Globs, matcherOf } from './globs';

/**
 * Whether a document is likely to hold keys or passwords, by its name: such text is never given to the model nor offered in
 * another file. Source code that handles such things is not meant.
 * @param globs the setting `secretFiles`
 * @param folders paths of the workspace, to which globs are relative
 */
export function isSecret(
  uri: string,
  globs: Globs = defaultSettings.secretFiles,
  folders: readonly string[] = [],
): boolean {
  return secretGlob(uri, globs, folders) !== undefined;
}

/** The glob by which a document counts as secret. */
export const secretGlob = (uri: string, globs: Globs, folders: readonly string[]): string | undefined =>
  matcherOf(globs).match(uri, folders);

import { SlipstreamError } from '../../engine/index';

/** "owner/name", or "name" alone as the oldest have it. @throws SlipstreamError request-invalid */
export function checkRepository(name: string): string {
  const parts = name.split('/');
  if (
    parts.length <= 2 &&
    parts.every((part) => /^[A-Za-z0-9][\w.-]{0,95}$/.test(part) && !part.includes('..'))
  )
    return name;
  throw new SlipstreamError(
    'request-invalid',
    `"${name}" is not the name of a model on a hub; give it as owner/name, such as Qwen/Qwen2.5-Coder-0.5B.`,
  );
}

/** A branch, a tag or a commit. @throws SlipstreamError request-invalid */
export function checkRevision(revision: string): string {
  if (/^[\w][\w./-]{0,127}$/.test(revision) && !revision.includes('..')) return revision;
  throw new SlipstreamError(
    'request-invalid',
    `"${revision}" is not a revision of a model; give a branch, a tag or a commit.`,
  );
}

/** The name of a model's folder on disk. */
export const folderName = (repository: string): string => repository.replace('/', '--');

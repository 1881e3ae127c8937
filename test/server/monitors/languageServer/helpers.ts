import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LegalWords, MonitorAnswer } from '../../../../engine/index';
import {
  createLanguageServerAnalyst,
  type LanguageServerOptions,
} from '../../../../server/monitors/languageServer/index';

export const createFolder = (): string => mkdtempSync(path.join(os.tmpdir(), 'slipstream-lsp-'));

/** An analyst for a folder, with limits that a busy machine keeps. */
export const createAnalyst = (folder: string, options: Partial<LanguageServerOptions>) =>
  createLanguageServerAnalyst({
    servers: [],
    folders: () => [folder],
    isTrusted: () => true,
    startMs: 60_000,
    readMs: 60_000,
    log: () => undefined,
    ...options,
  });

/** A text with `║` at the place. */
export function hypothesis(
  folder: string,
  file: string,
  languageId: string,
  picture: string,
  kinds = ['member'],
) {
  const [before = '', after = ''] = picture.split('║');
  return { uri: pathToFileURL(path.join(folder, file)).href, languageId, kinds, before, after };
}

/** The words of an answer; a reason fails the test with what it says. */
export function wordsIn(answer: MonitorAnswer): readonly string[] {
  if ('reason' in answer) throw new Error(answer.reason);
  return answer.legal.flatMap((one) => ('words' in one ? (one satisfies LegalWords).words : []));
}

export const reasonIn = (answer: MonitorAnswer): string | undefined =>
  'reason' in answer ? answer.reason : undefined;

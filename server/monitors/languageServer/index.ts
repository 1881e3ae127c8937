import { createHash } from 'node:crypto';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { MonitorAnswer } from '../../../engine/index';
import type { Analyst, ChangedFile, Hypothesis } from '../analyst';
import { createRecent } from '../recent';
import { hidesPrivateNames, isPreprocessor } from './clang';
import { createServerInstance, type InstanceOptions, type ServerInstance } from './instance';
import { languageOf } from './languages';
import { lex, missingClosers } from './lexing';
import { isFree, isProbe, probed, receiverDoubt } from './python';
import type { LanguageServer } from './servers';
import type { Session } from './session';
import { hasOtherKeywords, wordsOf } from './words';

export { watchedFiles } from './languages';
export { builtInServers, type LanguageServer } from './servers';

export interface LanguageServerOptions extends Partial<InstanceOptions> {
  /** The first one that knows a language counts. */
  readonly servers: readonly LanguageServer[];
  /** File paths of the workspace. */
  readonly folders: () => readonly string[];
  /** Whether the workspace may make us run programs; otherwise none is started for it. */
  readonly isTrusted: () => boolean;
  readonly log: (line: string) => void;
  /** Milliseconds that a question may wait for a file that was just opened to be read with all its headers. */
  readonly readMs?: number;
}

export interface LanguageServerAnalyst extends Analyst {
  /** What runs, for the report: by the server's program. */
  running(): readonly { readonly program: string; readonly pid: number }[];
}

/**
 * Knows what may stand behind a dot in any language that has a language server: by asking a private instance of it, to
 * which the hypothetical text is the document's (dereference monitor of arXiv 2306.10763).
 */
export function createLanguageServerAnalyst(options: LanguageServerOptions): LanguageServerAnalyst {
  const limits: InstanceOptions = {
    idleMs: 600_000,
    startMs: 20_000,
    patienceMs: 2000,
    memoryBytes: 2 * 2 ** 30,
    ...options,
  };
  const instances = new Map<LanguageServer, ServerInstance>();
  const answers = createRecent<Promise<MonitorAnswer>>(64, 60_000);
  const serverOf = (languageId: string) =>
    options.servers.find(({ languages }) => languages.includes(languageId));

  const instanceOf = (server: LanguageServer): ServerInstance => {
    const instance = instances.get(server) ?? createServerInstance(server, limits);
    instances.set(server, instance);
    return instance;
  };

  return {
    triggers: (uri, languageId) =>
      serverOf(languageId) !== undefined && uri.startsWith('file:') ? languageOf(languageId).triggers : [],
    async ask(hypothesis) {
      const server = serverOf(hypothesis.languageId);
      if (server === undefined)
        return { reason: `No language server is known for ${hypothesis.languageId}.` };
      if (!hypothesis.uri.startsWith('file:')) return { reason: 'Language servers only know files.' };
      if (!options.isTrusted())
        return { reason: 'The workspace is not trusted, so no language server is started for it.' };
      const key = keyOf(hypothesis);
      const known = answers.get(key);
      if (known !== undefined) return known;
      const asked = answer(server, instanceOf(server), hypothesis, options.readMs ?? 2000);
      answers.set(key, asked);
      const settled = await asked;
      // What was not known once may be known the next time.
      if ('reason' in settled) answers.delete(key);
      return settled;
    },
    signatures: async () => [],
    changed(files) {
      for (const [server, instance] of instances) {
        const concerning = files.filter((file) => concerns(server, file));
        if (concerning.length === 0) continue;
        answers.clear();
        instance.changed(concerning);
      }
    },
    running: () =>
      [...instances].flatMap(([{ command }, { pid }]) =>
        pid === undefined ? [] : [{ program: command[0] ?? '', pid }],
      ),
    async dispose() {
      await Promise.all([...instances.values()].map((instance) => instance.dispose()));
    },
  };
}

/** Whether a server may read a file. */
const concerns = ({ languages }: LanguageServer, { uri, languageId }: ChangedFile): boolean => {
  const extension = uri.slice(uri.lastIndexOf('.') + 1);
  return (
    uri.startsWith('file:') &&
    languages.some(
      (language) => language === languageId || languageOf(language).extensions.includes(extension),
    )
  );
};

const keyOf = ({ uri, kinds, before, after }: Hypothesis): string =>
  createHash('sha1').update([uri, kinds.join(), before.length, before, after].join('\0')).digest('base64');

async function answer(
  server: LanguageServer,
  instance: ServerInstance,
  hypothesis: Hypothesis,
  readMs: number,
): Promise<MonitorAnswer> {
  const { languageId, kinds, before, after } = hypothesis;
  const { lexis, alsoMembers } = languageOf(languageId);
  const read = lex(before, lexis);
  if (read.isInText) return { reason: 'Nothing is looked up in comments and strings.' };
  if (lexis === 'c' && isPreprocessor(before))
    return { reason: 'Nothing is looked up in lines of the preprocessor.' };
  const kind = kinds.includes('import') ? 'import' : 'member';
  if (languageId === 'python' && kind === 'member' && isFree(before))
    return { reason: 'Any name may stand here: it is a module or may be made here.' };
  const closers = missingClosers(read, lex(after, lexis));
  const used = await instance.use((session, token) =>
    look(server, session, hypothesis, kind, closers, readMs, token),
  );
  if ('reason' in used) return used;
  if (typeof used.value === 'string') return { reason: used.value };
  const isMember = kind === 'member';
  return {
    legal: [{ kind, words: isMember ? [...used.value, ...alsoMembers] : used.value, orOther: !isMember }],
  };
}

/** @returns all names that are legal, or why they are not known */
async function look(
  server: LanguageServer,
  session: Session,
  { uri, languageId, before, after }: Hypothesis,
  kind: 'member' | 'import',
  closers: string,
  readMs: number,
  token: CancellationToken,
): Promise<readonly string[] | string> {
  const { filler = '', keywords = [], strangers = [] } = languageOf(languageId);
  const isPython = languageId === 'python';
  const isClang = languageId === 'c' || languageId === 'cpp';
  if (isClang) {
    const found = await session.diagnostics({ uri, languageId, text: before + after }, readMs);
    if (found === undefined) return 'The language server is still reading the file.';
    if (found.some(({ code }) => code === 'pp_file_not_found'))
      return 'A header that the file includes was not found, so not all names are known.';
  }
  const texts = closers === '' ? [after] : [closers + after, after];
  const words = new Set<string>();
  let doubt = 'The language server lists nothing here.';
  for (const behind of texts) {
    const probe = isPython && kind === 'member' ? probed(before, behind) : undefined;
    if (isPython && kind === 'member') {
      if (probe === undefined) return 'It cannot be told where the receiver begins.';
      const found = await receiverDoubt(session, uri, probe, token);
      if (found !== undefined) {
        doubt = found;
        continue;
      }
    }
    const text = probe?.text ?? before + filler + behind;
    const { items, isIncomplete } = await session.complete(
      { uri, languageId, text },
      probe?.place ?? before.length,
      token,
    );
    if (isIncomplete && server.isWholeThoughIncomplete !== true && items.length > 0)
      return 'The language server gave a part of its list only.';
    if (hasOtherKeywords(items, keywords))
      doubt = 'The language server did not take the place for a dereference.';
    else for (const word of wordsOf(items)) if (!isProbe(word)) words.add(word);
    // With all brackets closed pyright reads the rest as it is meant; asking again would take as long again.
    if (isPython && words.size > 0) break;
  }
  if (words.size === 0) return doubt;
  if (strangers.some((word) => words.has(word)))
    return 'The language server did not take the place for a dereference.';
  if (isClang && hidesPrivateNames(before, [...words]))
    return 'A member may be defined here, and private ones are not listed.';
  if (isPython && words.has('__getattr__')) return 'The receiver takes any name (__getattr__).';
  if (isPython && kind === 'member' && [...words].every((word) => /^__\w+__$/.test(word)))
    return 'Only what every object has is known of the receiver.';
  return [...words];
}

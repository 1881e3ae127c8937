import type { MonitorTrigger } from '../../../engine/index';
import type { Lexis } from './lexing';

/** What there is to know of a language besides what its server says. */
export interface Language {
  readonly lexis: Lexis;
  /** What the names of the files end with that its server reads. */
  readonly extensions: readonly string[];
  readonly triggers: readonly MonitorTrigger[];
  /** What may stand behind a dot as well: keywords, and signs (behind which anything may come). */
  readonly alsoMembers: readonly string[];
  /** What is written behind the place when the server is asked, where its parser would otherwise read the next line on. */
  readonly filler?: string;
  /** Names that are in lists of what is in scope, and so never in one of members. */
  readonly strangers?: readonly string[];
  /** Keywords that a server may list behind a dot. Others say that it did not see a dot, or no type it knows. */
  readonly keywords?: readonly string[];
}

const name = '[\\p{L}\\p{N}_]*';
/** What a receiver ends with; numbers (`1.`, `1e5.`) and `from .` are none. */
const receiver = '(?:(?<![\\p{L}\\p{N}_])[\\p{L}_][\\p{L}\\p{N}_]*|[)\\]}"\'`])';

const dot = (between = ''): MonitorTrigger => ({
  kind: 'member',
  pattern: `${receiver}${between}\\.(${name})`,
});

const importedName: MonitorTrigger = {
  kind: 'import',
  pattern: `(?<![\\p{L}\\p{N}_])from\\s+[\\p{L}\\p{N}_.]+\\s+import\\s+(?:\\(\\s*)?(?:[\\p{L}\\p{N}_]+(?:\\s+as\\s+[\\p{L}\\p{N}_]+)?\\s*,\\s*)*(${name})`,
};

const scope: MonitorTrigger = {
  kind: 'member',
  // In `namespace a::b {` the name is a new one.
  pattern: `(?<!\\bnamespace\\s+[\\w:]*)(?:(?<![\\p{L}\\p{N}_])[\\p{L}_][\\p{L}\\p{N}_]*|>)::(~?${name})`,
};

const arrow: MonitorTrigger = { kind: 'member', pattern: `${receiver}->(~?${name})` };

/**
 * Destructors, pointers to members, packs (`args...`), and names that clangd does not list. It does list `template` behind a
 * receiver whose type depends on a parameter, so that its members are not known as a whole.
 */
const cMembers = ['~', '*', '.', 'operator', 'template'];

const cExtensions = ['c', 'cc', 'cpp', 'cxx', 'h', 'hh', 'hpp', 'hxx', 'inc', 'inl', 'ipp', 'tpp'];

const languages: Readonly<Record<string, Language>> = {
  python: {
    lexis: 'python',
    extensions: ['py', 'pyi'],
    triggers: [dot('(?:\\s*\\n\\s*)?'), importedName],
    alsoMembers: [],
  },
  c: { lexis: 'c', extensions: cExtensions, triggers: [dot(), arrow], alsoMembers: ['.'] },
  cpp: { lexis: 'c', extensions: cExtensions, triggers: [dot(), arrow, scope], alsoMembers: cMembers },
  go: {
    lexis: 'go',
    extensions: ['go', 'mod', 'sum', 'work'],
    triggers: [dot()],
    // Type assertions, `slice...`, chains that go on in the next line, and a method's name that gopls never lists.
    alsoMembers: ['(', '.', '\n', 'init'],
    filler: 'slipstream',
    strangers: ['nil'],
  },
  rust: {
    lexis: 'c',
    extensions: ['rs'],
    triggers: [dot(), scope],
    alsoMembers: ['await', '.', '<', '{', '*'],
    keywords: ['await', 'self', 'super', 'crate'],
  },
  java: {
    lexis: 'c',
    extensions: ['java'],
    triggers: [dot()],
    alsoMembers: ['class', 'this', 'super', 'new', '<', '.', '*'],
    keywords: ['class', 'this', 'super', 'new'],
  },
};

/** Any other language that has a server: a dot and a name, and whatever is no name. */
const other: Language = {
  lexis: 'c',
  extensions: [],
  triggers: [dot()],
  alsoMembers: [...'.*<{[("\'~?!&\n', ' '],
};

export const languageOf = (languageId: string): Language => languages[languageId] ?? other;

const extensions = Object.values(languages).flatMap((language) => language.extensions);

/** The files whose changes on disk are to be heard of, as a glob pattern of LSP. */
export const watchedFiles = `**/*.{${[...new Set(extensions)].join()}}`;

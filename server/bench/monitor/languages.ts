/** A language whose monitors ask a language server, and where source in it is to be had. */
export interface ServedLanguage {
  readonly name: string;
  /** Language id of VS Code. */
  readonly id: string;
  readonly fileName: RegExp;
  /** Begins a comment that ends with the line. */
  readonly comment: string;
  /** Debian packages that are unpacked together: what is measured, and what it needs to be understood. */
  readonly packages: readonly string[];
  /** Where a project begins in the unpacked packages, and the folders of it that are measured. */
  readonly root: string;
  readonly folders: readonly string[];
  /** Lines of `compile_flags.txt`, which clangd reads. */
  readonly flags?: readonly string[];
  /** What a server is told that judges, where its errors are not those of the one that is asked. */
  readonly judgeSettings?: Readonly<Record<string, unknown>>;
  /** Whether it is asked for what is wrong with a text; others tell it on their own. */
  readonly pullsDiagnostics: boolean;
  /** Whether an error says that a receiver has no such member. */
  readonly isNoMember: (code: string, message: string) => boolean;
  /** Whether an error says so of a type: there may be a member of that name, which is none. */
  readonly isNoType?: (message: string) => boolean;
}

/**
 * The default model was trained on packages of npm and on Python's own library: none of these sources is among them. All are
 * under the MIT licence or BSD's with three clauses.
 */
export const servedLanguages: readonly ServedLanguage[] = [
  {
    name: 'Python',
    id: 'python',
    fileName: /\.py$/,
    comment: '#',
    packages: ['python3-click', 'python3-jinja2', 'python3-markupsafe'],
    root: 'usr/lib/python3/dist-packages',
    folders: ['click', 'jinja2'],
    // What is asked runs in strict mode, whose errors are no faults of a program.
    judgeSettings: {
      python: {
        analysis: {
          typeCheckingMode: 'standard',
          diagnosticMode: 'openFilesOnly',
          indexing: false,
          // What a comment silences is no code that compiles.
          diagnosticSeverityOverrides: { enableTypeIgnoreComments: false },
        },
      },
    },
    pullsDiagnostics: true,
    isNoMember: (code) => code === 'reportAttributeAccessIssue',
  },
  {
    name: 'C++',
    id: 'cpp',
    fileName: /\.(?:cc|cpp|cxx|h|hh|hpp)$/,
    comment: '//',
    packages: ['libspdlog-dev', 'libcli11-dev', 'libfmt-dev'],
    root: 'usr/include',
    folders: ['spdlog', 'CLI'],
    // As a library that is compiled, each of spdlog's implementation files includes what it needs.
    flags: ['-xc++', '-std=c++17', '-I.', '-DSPDLOG_COMPILED_LIB'],
    pullsDiagnostics: false,
    isNoMember: (_, message) => /^no member\b.* named /i.test(message),
    isNoType: (message) => /^no (?:type|template)\b.* named /i.test(message),
  },
];

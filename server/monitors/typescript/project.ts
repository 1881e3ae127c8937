import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** A file as it would be with a completion in it, in the project that it belongs to. */
export interface AnalysedFile {
  readonly fileName: string;
  readonly source: ts.SourceFile;
  readonly service: ts.LanguageService;
  readonly checker: ts.TypeChecker;
}

export interface Projects {
  /** Sets the text of an open document; undefined closes it. */
  setText(fileName: string, text: string | undefined): void;
  /** @throws what the compiler throws on text that it does not understand */
  analyse(fileName: string, text: string): AnalysedFile | undefined;
}

/** Of a larger project not all files are read to see whether they declare globals. */
const mostFiles = 5000;
/** A file without an import or an export is a script, and all its names are global; others say so. */
const declaresGlobals = (text: string) =>
  !/^\s*(?:import|export)\b/m.test(text) || /\bdeclare\s+(?:global|module)\b/.test(text);
/** So many files' imports are kept in memory, for whoever goes back and forth between files. */
const mostRecent = 4;
/** So often it is looked whether files on disk have changed. */
const staleMs = 5000;

/** For a file that no tsconfig.json speaks of: what editors assume. */
const inferredOptions: ts.CompilerOptions = {
  allowJs: true,
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  jsx: ts.JsxEmit.Preserve,
  esModuleInterop: true,
  strict: true,
};

interface Project {
  readonly service: ts.LanguageService;
  /** Files that were asked about, the last one last. */
  readonly recent: Set<string>;
}

/**
 * The TypeScript language service over the projects of a workspace. Of a project it takes in what the open documents import
 * and what declares globals, not all files: every question makes a new program, whose cost grows with its files. It only
 * reads: no plugin and nothing else of the workspace is run, and the compiler is our own.
 * @param libraryFolder where TypeScript's own declarations are
 */
export function createProjects(libraryFolder: string): Projects {
  const registry = ts.createDocumentRegistry(true);
  const projects = new Map<string, Project>();
  const disk = createDisk();
  const open = new Map<string, { readonly text: string; readonly version: number }>();
  const configs = new Map<string, string | undefined>();
  let version = 0;
  let hypothesis: { readonly fileName: string; readonly text: string } | undefined;

  const textOf = (fileName: string): string | undefined =>
    hypothesis?.fileName === fileName ? hypothesis.text : (open.get(fileName)?.text ?? disk.text(fileName));
  const versionOf = (fileName: string): string =>
    hypothesis?.fileName === fileName
      ? `h${version}`
      : `${open.get(fileName)?.version ?? disk.version(fileName)}`;

  const createProject = (configPath: string | undefined, folder: string, isJavaScript: boolean): Project => {
    const { options, fileNames } =
      configPath === undefined ? { options: inferredOptions, fileNames: [] } : readConfig(configPath);
    const globals = fileNames.slice(0, mostFiles).filter((name) => declaresGlobals(textOf(name) ?? ''));
    const recent = new Set<string>();
    const host: ts.LanguageServiceHost = {
      getCompilationSettings: () => ({
        ...options,
        ...(isJavaScript && { allowJs: true }),
        noEmit: true,
        skipLibCheck: true,
      }),
      getScriptFileNames: () => [...new Set([...globals, ...recent])],
      getProjectVersion: () => `${version}`,
      getScriptVersion: versionOf,
      getScriptSnapshot: (fileName) => {
        const text = textOf(fileName);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => folder,
      getDefaultLibFileName: (chosen) => path.join(libraryFolder, ts.getDefaultLibFileName(chosen)),
      fileExists: (fileName) =>
        hypothesis?.fileName === fileName || open.has(fileName) || ts.sys.fileExists(fileName),
      readFile: textOf,
      readDirectory: ts.sys.readDirectory,
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
      ...(ts.sys.realpath && { realpath: ts.sys.realpath }),
    };
    return { service: ts.createLanguageService(host, registry), recent };
  };

  const projectOf = (fileName: string): Project => {
    if (!configs.has(fileName)) configs.set(fileName, configOf(fileName));
    const config = configs.get(fileName);
    const folder = path.dirname(config ?? fileName);
    // A project may be of TypeScript only, and a script beside it is none of its files.
    const isJavaScript = /\.[cm]?jsx?$/.test(fileName);
    const key = `${config ?? folder}${isJavaScript ? ' with JavaScript' : ''}`;
    let project = projects.get(key);
    if (project === undefined) {
      project = createProject(config, folder, isJavaScript);
      projects.set(key, project);
    }
    const { recent } = project;
    recent.delete(fileName);
    recent.add(fileName);
    for (const oldest of recent) if (recent.size > mostRecent) recent.delete(oldest);
    return project;
  };

  return {
    setText(fileName, text) {
      version++;
      if (text === undefined) open.delete(fileName);
      else open.set(fileName, { text, version });
    },
    analyse(fileName, text) {
      version++;
      disk.refresh();
      hypothesis = { fileName, text };
      const { service } = projectOf(fileName);
      const program = service.getProgram();
      const source = program?.getSourceFile(fileName);
      if (program === undefined || source === undefined) return undefined;
      return { fileName, source, service, checker: program.getTypeChecker() };
    },
  };
}

/** Texts of files, read once and again when they have changed. */
function createDisk() {
  const files = new Map<string, { readonly text: string | undefined; readonly mtimeMs: number }>();
  let lastLook = performance.now();
  const read = (fileName: string) => {
    try {
      return { text: readFileSync(fileName, 'utf8'), mtimeMs: statSync(fileName).mtimeMs };
    } catch {
      return { text: undefined, mtimeMs: 0 };
    }
  };
  const get = (fileName: string) => {
    const known = files.get(fileName) ?? read(fileName);
    files.set(fileName, known);
    return known;
  };
  return {
    text: (fileName: string) => get(fileName).text,
    version: (fileName: string) => get(fileName).mtimeMs,
    refresh(): void {
      if (performance.now() - lastLook < staleMs) return;
      lastLook = performance.now();
      for (const [fileName, { mtimeMs }] of files) {
        const now = statSync(fileName, { throwIfNoEntry: false })?.mtimeMs ?? 0;
        if (now !== mtimeMs) files.delete(fileName);
      }
    },
  };
}

/** The nearest tsconfig.json or jsconfig.json that takes the file in, itself or through its references. */
function configOf(fileName: string): string | undefined {
  for (const name of ['tsconfig.json', 'jsconfig.json']) {
    const found = ts.findConfigFile(path.dirname(fileName), ts.sys.fileExists, name);
    if (found === undefined) continue;
    const { fileNames, references } = readConfig(found);
    if (fileNames.includes(fileName)) return found;
    const referenced = references
      .map((reference) => ts.resolveProjectReferencePath(reference))
      .find((config) => readConfig(config).fileNames.includes(fileName));
    return referenced ?? found;
  }
  return undefined;
}

/** What can be read of a configuration: a broken one says something, too. */
function readConfig(configPath: string): {
  options: ts.CompilerOptions;
  fileNames: string[];
  references: readonly ts.ProjectReference[];
} {
  const { config } = ts.readConfigFile(configPath, ts.sys.readFile);
  const parsed = ts.parseJsonConfigFileContent(config ?? {}, ts.sys, path.dirname(configPath));
  return {
    options: parsed.options,
    fileNames: parsed.fileNames,
    references: parsed.projectReferences ?? [],
  };
}

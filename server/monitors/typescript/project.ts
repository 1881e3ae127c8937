import path from 'node:path';
import ts from 'typescript';
import { type Config, createConfigs } from './config';
import { createDisk } from './disk';

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
  /** Sees to it that what is analysed next is not of long ago. */
  refresh(): Promise<void>;
  /** @throws what the compiler throws on text that it does not understand */
  analyse(fileName: string, text: string): AnalysedFile | undefined;
}

/** Of a larger project not all files are read to see whether they declare globals. */
const mostFiles = 5000;
/** A file without an import or an export is a script, and all its names are global; others say so. */
const declaresGlobals = (text: string) =>
  !/^\s*(?:import|export)\b/m.test(text) || /\bdeclare\s+(?:global|module)\b/.test(text);
/** Declaration files most likely declare globals. */
const firstDeclarations = (fileNames: readonly string[]): string[] => {
  const isDeclaration = (name: string) => /\.d\.[cm]?ts$/.test(name);
  return [...fileNames.filter(isDeclaration), ...fileNames.filter((name) => !isDeclaration(name))];
};
/** So many files' imports are kept in memory, for whoever goes back and forth between files. */
const mostRecent = 4;

interface OpenText {
  readonly text: string;
  readonly snapshot: ts.IScriptSnapshot;
  readonly version: string;
}
const openText = (text: string, version: string): OpenText => ({
  text,
  snapshot: ts.ScriptSnapshot.fromString(text),
  version,
});

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
  readonly config: Config | undefined;
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
  const registry = ts.createDocumentRegistry(ts.sys.useCaseSensitiveFileNames);
  const projects = new Map<string, Project>();
  const disk = createDisk();
  const configs = createConfigs(disk);
  const open = new Map<string, OpenText>();
  let version = 0;
  let hypothesis: (OpenText & { readonly fileName: string }) | undefined;

  const openTextOf = (fileName: string): OpenText | undefined =>
    hypothesis?.fileName === fileName ? hypothesis : open.get(fileName);
  const textOf = (fileName: string): string | undefined => openTextOf(fileName)?.text ?? disk.text(fileName);

  const createProject = (config: Config | undefined, folder: string, isJavaScript: boolean): Project => {
    const settings = {
      ...(config?.options ?? inferredOptions),
      ...(isJavaScript && { allowJs: true }),
      noEmit: true,
      skipLibCheck: true,
    };
    const globals = firstDeclarations(config?.fileNames ?? [])
      .slice(0, mostFiles)
      .filter((name) => declaresGlobals(openTextOf(name)?.text ?? disk.readOnce(name) ?? ''));
    const recent = new Set<string>();
    const host: ts.LanguageServiceHost = {
      useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
      // Asked for once for every file of a program.
      getCompilationSettings: () => settings,
      getScriptFileNames: () => [...new Set([...globals, ...recent])],
      getProjectVersion: () => `${version}`,
      getScriptVersion: (fileName) => openTextOf(fileName)?.version ?? `${disk.version(fileName)}`,
      getScriptSnapshot: (fileName) => openTextOf(fileName)?.snapshot ?? disk.snapshot(fileName),
      getCurrentDirectory: () => folder,
      getDefaultLibFileName: (chosen) => path.join(libraryFolder, ts.getDefaultLibFileName(chosen)),
      fileExists: (fileName) => openTextOf(fileName) !== undefined || ts.sys.fileExists(fileName),
      readFile: textOf,
      readDirectory: ts.sys.readDirectory,
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
      ...(ts.sys.realpath && { realpath: ts.sys.realpath }),
    };
    return { config, service: ts.createLanguageService(host, registry), recent };
  };

  const projectOf = (fileName: string): Project => {
    const config = configs.of(fileName);
    const folder = path.dirname(config?.path ?? fileName);
    // A project may be of TypeScript only, and a script beside it is none of its files.
    const isJavaScript = /\.[cm]?jsx?$/.test(fileName);
    const key = `${config?.path ?? folder}${isJavaScript ? ' with JavaScript' : ''}`;
    let project = projects.get(key);
    if (project === undefined || project.config !== config) {
      project?.service.dispose();
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
      else open.set(fileName, openText(text, `${version}`));
    },
    refresh: disk.refresh,
    analyse(fileName, text) {
      version++;
      hypothesis = { fileName, ...openText(text, `h${version}`) };
      const { service } = projectOf(fileName);
      const program = service.getProgram();
      const source = program?.getSourceFile(fileName);
      if (program === undefined || source === undefined) return undefined;
      return { fileName, source, service, checker: program.getTypeChecker() };
    },
  };
}

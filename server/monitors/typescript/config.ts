import path from 'node:path';
import ts from 'typescript';
import type { Disk } from './disk';

/** A tsconfig.json or jsconfig.json: what can be read of it, for a broken one says something, too. */
export interface Config {
  readonly path: string;
  readonly options: ts.CompilerOptions;
  readonly fileNames: readonly string[];
  readonly references: readonly ts.ProjectReference[];
  /** The files that it was read from, those that it extends included, and their versions on disk. */
  readonly sources: readonly (readonly [fileName: string, version: number])[];
}

export interface Configs {
  /** The nearest configuration that takes a file in, itself or through its references; the same object until it changes. */
  of(fileName: string): Config | undefined;
}

export function createConfigs(disk: Disk): Configs {
  const known = new Map<string, Config>();
  const host: ts.ParseConfigFileHost = {
    useCaseSensitiveFileNames: ts.sys.useCaseSensitiveFileNames,
    getCurrentDirectory: ts.sys.getCurrentDirectory,
    readDirectory: ts.sys.readDirectory,
    fileExists: ts.sys.fileExists,
    readFile: disk.text,
    // What is wrong with a configuration is for the editor to say.
    onUnRecoverableConfigFileDiagnostic: () => {},
  };

  const read = (configPath: string): Config => {
    const found = known.get(configPath);
    if (found?.sources.every(([fileName, version]) => disk.version(fileName) === version)) return found;
    // One that another refers to may be missing.
    const json = ts.readJsonConfigFile(configPath, (fileName) => disk.text(fileName) ?? '{ "files": [] }');
    const folder = path.dirname(configPath);
    const parsed = ts.parseJsonSourceFileConfigFileContent(json, host, folder, undefined, configPath);
    const sources = [configPath, ...(json.extendedSourceFiles ?? [])];
    const config = {
      path: configPath,
      options: parsed.options,
      fileNames: parsed.fileNames,
      references: parsed.projectReferences ?? [],
      sources: sources.map((fileName) => [fileName, disk.version(fileName)] as const),
    };
    known.set(configPath, config);
    return config;
  };

  return {
    of(fileName) {
      for (const name of ['tsconfig.json', 'jsconfig.json']) {
        const found = ts.findConfigFile(path.dirname(fileName), ts.sys.fileExists, name);
        if (found === undefined) continue;
        const nearest = read(found);
        if (nearest.fileNames.includes(fileName)) return nearest;
        const referenced = nearest.references
          .map((reference) => read(ts.resolveProjectReferencePath(reference)))
          .find(({ fileNames }) => fileNames.includes(fileName));
        // What is installed belongs to no project, as an editor has it: the names of a browser are known there.
        return referenced ?? (/[\\/]node_modules[\\/]/.test(fileName) ? undefined : nearest);
      }
      return undefined;
    },
  };
}

import { analysisWorkerPath } from '../paths';
import type { Settings } from '../protocol';
import type { Analyst } from './analyst';
import { builtInServers, createLanguageServerAnalyst } from './languageServer/index';
import { createTypeScriptAnalyst, type OpenDocument } from './typescript/analyst';
import { firstOf } from './watch';

export interface AnalysisOptions {
  readonly settings: () => Settings;
  /** What an editor has open, also where it is not saved. */
  readonly openDocuments: () => readonly OpenDocument[];
  /** File paths of the workspace. */
  readonly folders: () => readonly string[];
  /** Whether programs may be started for the workspace. */
  readonly isTrusted: () => boolean;
  readonly log: (line: string) => void;
}

/** Static analysis of all languages: TypeScript and JavaScript by ourselves, others by their language servers. */
export function createAnalyst({
  settings,
  openDocuments,
  folders,
  isTrusted,
  log,
}: AnalysisOptions): Analyst {
  const megabytes = () => settings().analysisMegabytes;
  const typescript = createTypeScriptAnalyst({
    workerPath: analysisWorkerPath(),
    openDocuments,
    megabytes,
    log,
  });
  // The servers of the settings are known when the first question comes, and looked at once.
  let servers: Analyst | undefined;
  const others = () => {
    servers ??= createLanguageServerAnalyst({
      servers: [
        ...Object.entries(settings().languageServers).map(([language, command]) => ({
          languages: [language],
          command,
        })),
        ...builtInServers,
      ],
      folders,
      isTrusted,
      log,
    });
    return servers;
  };
  return firstOf([
    typescript,
    {
      triggers: (uri, languageId) => others().triggers(uri, languageId),
      ask: (hypothesis) => others().ask(hypothesis),
      dispose: async () => servers?.dispose(),
    },
  ]);
}

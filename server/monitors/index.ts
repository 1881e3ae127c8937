import { analysisWorkerPath } from '../paths';
import type { Settings } from '../protocol';
import type { Analyst } from './analyst';
import { builtInServers, createLanguageServerAnalyst } from './languageServer/index';
import { createTypeScriptAnalyst, type OpenDocument } from './typescript/analyst';
import { firstOf } from './watch';

export { watchedFiles } from './languageServer/index';

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
  // A document may be opened before the settings are known, and they may change.
  let servers: { readonly configured: string; readonly analyst: Analyst } | undefined;
  const others = (): Analyst => {
    const { languageServers } = settings();
    const configured = JSON.stringify(languageServers);
    if (servers?.configured !== configured) {
      void servers?.analyst.dispose();
      const own = Object.entries(languageServers).map(([language, command]) => ({
        languages: [language],
        command,
      }));
      const analyst = createLanguageServerAnalyst({
        servers: [...own, ...builtInServers],
        folders,
        isTrusted,
        log,
      });
      servers = { configured, analyst };
    }
    return servers.analyst;
  };
  return firstOf([
    typescript,
    {
      triggers: (uri, languageId) => others().triggers(uri, languageId),
      ask: (hypothesis) => others().ask(hypothesis),
      signatures: (place, room) => others().signatures(place, room),
      changed: (files) => servers?.analyst.changed?.(files),
      dispose: async () => servers?.analyst.dispose(),
    },
  ]);
}

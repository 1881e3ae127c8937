import { refuseDocument } from '../completion/guards';
import type { ServerContext } from '../context';
import type { Analyst } from '../monitors/analyst';
import { createTypeScriptAnalyst } from '../monitors/typescript/analyst';
import { firstOf } from '../monitors/watch';
import { analysisWorkerPath } from '../paths';

/** Static analysis for the documents that are open. */
export function createAnalyst(context: () => ServerContext): Analyst {
  return firstOf([
    createTypeScriptAnalyst({
      workerPath: analysisWorkerPath(),
      openDocuments: () => context().documents.all(),
      megabytes: () => context().settings.analysisMegabytes,
      log: (line) => context().log.info(line),
    }),
  ]);
}

/** Reads a document's project when it is opened, so that the first question does not have to wait for that. */
export function register(context: ServerContext): void {
  const { documents, analyst } = context;
  documents.onDidOpen(({ document }) => {
    const { uri, languageId } = document;
    const isOff = context.settings.without.includes('monitor') || refuseDocument(document, context.settings);
    if (isOff || analyst.triggers(uri, languageId).length === 0) return;
    void analyst.ask({ uri, languageId, kinds: [], before: document.getText(), after: '' });
  });
}

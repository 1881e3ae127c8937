import { DidChangeConfigurationNotification } from 'vscode-languageserver/node';
import type { ServerContext } from '../context';
import { defaultSettings } from '../protocol';
import { parseSettings } from '../settings';

const section = 'slipstream';

/** Settings come from `initialize`, from `workspace/configuration` where the client has it, or are pushed. */
export function register(context: ServerContext): void {
  const { connection, client, log, onInitialized, onSettings } = context;

  onInitialized.push(async () => {
    if (client.registersConfiguration) {
      await connection.client.register(DidChangeConfigurationNotification.type, { section });
    }
    await (client.pullsConfiguration ? pull() : apply(undefined));
  });

  connection.onDidChangeConfiguration(async (params: { settings: unknown } | null) => {
    await (client.pullsConfiguration ? pull() : apply(sectionOf(params?.settings)));
  });

  async function pull(): Promise<void> {
    let pulled: unknown;
    try {
      pulled = await connection.workspace.getConfiguration(section);
    } catch (error) {
      log.warn(
        `The client did not answer workspace/configuration, so the defaults are used: ${String(error)}`,
      );
    }
    apply(pulled);
  }

  /** What the client says now stands before what it said at first, and that before the defaults. */
  function apply(raw: unknown): void {
    const initial = parseSettings(client.initialSettings, defaultSettings);
    const current = parseSettings(raw, initial.settings);
    for (const problem of [...initial.problems, ...current.problems]) log.warn(problem);
    context.settings = current.settings;
    for (const notify of onSettings) notify();
  }
}

/** Clients push either the section or everything with the section inside. */
function sectionOf(settings: unknown): unknown {
  if (typeof settings !== 'object' || settings === null) return undefined;
  return section in settings ? (settings as Record<string, unknown>)[section] : settings;
}

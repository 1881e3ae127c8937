import { type Engine, startEngine } from '../../engine/index';
import type { CompletionDependencies } from '../completion/complete';
import { createSyntax } from '../completion/syntax/index';
import { engineOptions } from '../engine/options';
import { createAnalyst } from '../monitors/index';
import { grammarPath } from '../paths';
import type { Settings } from '../protocol';

/** No editor waits here, and a result that depends on the machine's load could not be compared. */
export const deadlineMs = 60_000;

/**
 * Runs `use` with an engine of its own and ends the engine whatever happens.
 * @param signal ends the loading of the model, at the next tensor of a build
 * @throws SlipstreamError if the model cannot be loaded, or is no longer to be
 */
export async function withEngine<T>(
  settings: Settings,
  signal: AbortSignal,
  use: (dependencies: Required<CompletionDependencies>, engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = await startEngine(engineOptions(settings, process.cwd()), signal);
  const log = (line: string) => void process.stderr.write(`${line}\n`);
  const analyst = createAnalyst({
    settings: () => settings,
    openDocuments: () => [],
    folders: () => [process.cwd()],
    isTrusted: () => true,
    log,
  });
  const syntax = createSyntax(grammarPath, log, deadlineMs);
  try {
    return await use({ engine: { state: 'ready', engine }, settings, analyst, syntax }, engine);
  } finally {
    await Promise.all([engine.dispose(), analyst.dispose()]);
  }
}

import { completeAt } from '../completion/complete';
import { refuseDocument, refusePosition } from '../completion/guards';
import { toJson } from '../completion/result';
import { createSignatures, signatureTokens } from '../monitors/signatures';
import type { EmptyReason } from '../protocol';
import { offeredDeclaration } from '../retrieval/offered';
import { deadlineMs, withEngine } from './engine';
import { CliFailure } from './failure';
import { type EngineFlags, settingsOf } from './options';
import { openFile } from './source';
import type { Target } from './target';
import { type TraceFlag, writeTrace } from './traceFile';

/** Empty results that mean that the request was wrong, rather than that there is nothing to say. */
const failures = new Set<EmptyReason>([
  'position-outside-document',
  'file-binary',
  'file-too-large',
  'engine-failed',
]);

/** Prints the completion at a place of a file. */
export async function complete(
  target: Target,
  flags: EngineFlags & TraceFlag,
  signal: AbortSignal,
): Promise<void> {
  const settings = settingsOf(flags);
  const document = openFile(target.file);
  const position = { line: target.line - 1, character: target.column - 1 };
  const refusal = refuseDocument(document, settings) ?? refusePosition(document, position);
  // Said before the model is loaded, which takes longer than everything else.
  if (refusal !== undefined) throw new CliFailure(`${target.file}: ${refusal.message}`);
  const { end } = document.getLineRange(position.line);
  if (position.character > end.character) {
    throw new CliFailure(
      `${target.file}: Column ${target.column} is outside the document; line ${target.line} ends at column ${end.character + 1}; name a place in it.`,
    );
  }

  const result = await withEngine(settings, signal, async (dependencies, engine) => {
    const shown = signatureTokens(settings, engine.info.contextTokens);
    const signatures = createSignatures(dependencies.analyst);
    await dependencies.syntax.load(document.languageId);
    if (shown > 0) await signatures.look(document, position, shown);
    const options = {
      deadlineMs,
      isExplicit: true,
      context: signatures.of(document.uri).map(offeredDeclaration),
    };
    const at = Date.now();
    const result = await completeAt(dependencies, document, position, options, signal);
    if (flags.trace !== undefined) {
      const { uri, languageId, version } = document;
      const { threshold } = engine.info;
      const asked = { number: 1, at, uri, languageId, version, position, isAutomatic: false };
      writeTrace(flags.trace, [{ ...asked, threshold, result }]);
    }
    return result;
  });
  if (result.kind === 'empty' && failures.has(result.reason)) throw new CliFailure(result.message);
  if (flags.json) process.stdout.write(`${JSON.stringify(toJson(result), null, 2)}\n`);
  else if (result.kind === 'shown') process.stdout.write(`${result.text}\n`);
  else process.stderr.write(`${result.message}\n`);
}

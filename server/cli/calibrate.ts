import { calibrate as learn } from '../calibration/calibrate';
import { withEngine } from './engine';
import { type EngineFlags, settingsOf } from './options';

/** Learns from the source in folders when the model is unsure, and keeps it for completions to come. */
export async function calibrate(
  folders: readonly string[],
  flags: EngineFlags & { n: number; seed: number },
  signal: AbortSignal,
): Promise<void> {
  const tell = (line: string) => process.stderr.write(`${line}\n`);
  const progress = (done: number, of: number) => {
    if (process.stderr.isTTY && done % 20 === 0) tell(`${done} of ${of} places`);
  };
  const { n: places, seed } = flags;
  const result = await withEngine(settingsOf(flags), signal, (_, engine) =>
    learn(engine, { folders, places, seed, signal, progress, note: tell }),
  );
  if (result === undefined) return;
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    return;
  }
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  process.stdout.write(
    `The model counts as unsure from ${result.threshold.toFixed(3)} nats on (before: ${result.previous.toFixed(3)}): at ${percent(result.shareUnsure)} of ${result.tokens} tokens; that judges ${percent(result.accuracy)} of them rightly.\nKept in ${result.path}.\n`,
  );
}

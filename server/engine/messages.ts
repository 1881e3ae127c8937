import { type EngineInfo, SlipstreamError } from '../../engine/index';

/** The one line to show for anything that can be thrown; the rest of it, such as a stack, is for the log. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message.split('\n', 1)[0] ?? '';
  return error instanceof SlipstreamError ? line : `Something unexpected happened: ${line}`;
}

/** Whether another process computes. */
export const isAttached = ({ host }: EngineInfo): boolean => host !== undefined && host !== process.pid;

export const isHostGone = (error: unknown): boolean =>
  error instanceof SlipstreamError && error.code === 'host-gone';

/** Whether the processor could do better. */
export const isOfDevice = (error: unknown): boolean =>
  error instanceof SlipstreamError && ['device-unavailable', 'device-lost'].includes(error.code);

/** What the status says of an engine that can be used: what runs where, what it cannot do, and why there. */
export function readySentence(info: EngineInfo, ...more: readonly (string | undefined)[]): string {
  const { model, precision, device, fillsInTheMiddle, startMs } = info;
  const after = isAttached(info) ? '' : ` after ${Math.round(startMs)} ms`;
  const limit = fillsInTheMiddle
    ? undefined
    : 'It has no fill-in-the-middle tokens, so it does not see what stands behind the caret.';
  return [`${model} (${precision}) on ${device} is ready${after}.`, limit, ...more].filter(Boolean).join(' ');
}

import type { ReuseMode } from '../completion';
import type { Decoder } from '../runtime/decoder';
import { type EditPlan, planEdit, recomputation, repairMargins } from './editPlan';
import type { KvCache } from './kvCache';
import { type KeyRotation, rotationRefusal } from './rotation';

export interface PromptPlan extends EditPlan {
  /** How moved keys are turned; undefined where they are not. */
  readonly rotate: KeyRotation | undefined;
}

/** The plan for a prompt in one of the modes of reuse, with the reason where a model cannot do what was asked. */
export function planPrompt(
  { rotateKeys, config }: Decoder,
  cache: KvCache,
  prompt: readonly number[],
  mode: ReuseMode,
): PromptPlan {
  if (mode === 'recompute') return { ...recomputation(prompt), rotate: undefined };
  const plan = planEdit(cache, prompt);
  if (mode === 'splice') return { ...plan, rotate: undefined };
  if (rotateKeys !== undefined || plan.use.shifted === 0) return { ...plan, rotate: rotateKeys };
  const { use, ...unmoved } = planEdit(cache, prompt, onlyPrefix);
  const refusal = rotationRefusal(config.rope) ?? 'keys of this graph cannot be moved';
  const fallback = `Everything behind the edit was computed anew, because ${refusal}.`;
  return { ...unmoved, use: { ...use, fallback }, rotate: undefined };
}

/** Margins with which no run behind an edit is long enough. */
const onlyPrefix = { ...repairMargins, near: 0, margin: 1, shortestRun: Number.POSITIVE_INFINITY };

import type { FilterContext } from './filter';
import { filters } from './index';

/** What a filter that changed something has left. */
export interface FilterStep {
  readonly filter: string;
  readonly text: string;
}

/** What `postprocess` does, and which filters have a part in it: for the trace. */
export function filterSteps(completion: string, context: FilterContext): FilterStep[] {
  const steps: FilterStep[] = [];
  let text = completion;
  for (const filter of filters) {
    const next = filter(text, context);
    if (next !== text) steps.push({ filter: filter.name, text: next });
    text = next;
  }
  return steps;
}

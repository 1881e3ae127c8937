import { join } from 'node:path';
import type { BenchRow } from '../report';
import type { BenchOptions } from '../suite';
import { traceSources } from '../traces/sources';
import { passagesOf } from './keys';
import { typePassages } from './paced';
import { worthRows } from './worth';

const passages = 40;
const keys = 90;

/**
 * What completions are worth, whatever the speed: each key waits for the answer to the one before, so that many passages take
 * little time and come out the same on each machine.
 */
export async function awaitedRows({
  root,
  cacheDirectory,
  modelDirectory,
  sources,
  progress,
}: BenchOptions): Promise<{ rows: BenchRow[]; notes: string[] }> {
  const model = modelDirectory ?? join(root, 'models', 'default');
  progress(`${passages * keys} keys, each behind the answer to the one before`);
  const chosen = passagesOf(traceSources(root, sources), passages, keys);
  const typed = await typePassages({ root, cacheDirectory, model }, chosen);
  return {
    rows: worthRows(typed.keys, ', answers awaited'),
    notes: [
      `"Answers awaited": ${chosen.length} passages of ${keys} keys, typed as fast as the answers come. "New ghost texts": those that are not the rest of what stood there before the key.`,
    ],
  };
}

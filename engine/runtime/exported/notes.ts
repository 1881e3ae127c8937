import type { Precision } from '../../model/linear';
import type { ExportedGraph } from './files';

/**
 * What a person should know of an exported graph.
 * @param wish the precision that was asked for
 * @param refusal why cached keys cannot be moved
 */
export function notesOf(
  { file, precision }: ExportedGraph,
  wish: Precision,
  refusal: string | undefined,
  seesPastInGroups: boolean,
): string[] {
  const notes = [
    `This model is an exported graph, ${file}, so copy speculation, lookahead where the model is unsure, and beam search are off: its rows come out slightly otherwise with others beside them, and it has no mask for branches; what is cached is reused${refusal === undefined ? ', also behind edits' : ''}.`,
  ];
  if (refusal !== undefined)
    notes.push(`Behind an edit this exported graph computes everything anew, because ${refusal}.`);
  if (!seesPastInGroups)
    notes.push(
      'This exported graph is wrong for several tokens at once behind cached ones (older exports of optimum are), so it reads long texts one token at a time, which is slow; a newer export would not.',
    );
  if (precision !== wish)
    notes.push(
      `The precision ${wish} was asked for, and the graph that runs is ${precision}, because an exported graph comes as it is.`,
    );
  return notes;
}

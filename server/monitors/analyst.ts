import type { FileChangeType } from 'vscode-languageserver-protocol';
import type { ContextSnippet, MonitorAnswer, MonitorTrigger } from '../../engine/index';

/** A text that a completion would make, up to a place within it. */
export interface Hypothesis {
  readonly uri: string;
  readonly languageId: string;
  /** Which triggers hold at the place. */
  readonly kinds: readonly string[];
  /** All of the text before the place. */
  readonly before: string;
  /** Where the caret is, if that is before its end: what is written behind it is hypothetical. */
  readonly caret?: number;
  /** What stands behind the caret. */
  readonly after: string;
  /** Aborted when nobody needs the answer any more. */
  readonly signal?: AbortSignal;
}

/** What another file declares. */
export interface Declared extends ContextSnippet {
  /** The URI of that file, where it is known. */
  readonly uri?: string;
}

/** A file that has changed on disk. */
export interface ChangedFile {
  readonly uri: string;
  readonly type: FileChangeType;
  /** Known where an editor has it open. */
  readonly languageId?: string;
}

/** Knows what may stand where in some languages. */
export interface Analyst {
  /** Where it has a say in a document; nowhere in a language that it does not know. */
  triggers(uri: string, languageId: string): readonly MonitorTrigger[];
  /** What may stand at a place, or why nothing is known. It does not reject. */
  ask(hypothesis: Hypothesis): Promise<MonitorAnswer>;
  /**
   * What other files declare that code around a place uses, when it has nothing more urgent to do. It does not reject.
   * @param room characters
   */
  signatures(place: Omit<Hypothesis, 'kinds'>, room: number): Promise<readonly Declared[]>;
  /** Hears what has changed on disk, unless it looks itself. */
  changed?(files: readonly ChangedFile[]): void;
  dispose(): Promise<void>;
}

/** A member behind a dot, which may begin a line, with what is typed of its name. */
export const memberPattern =
  '(?<=[\\p{L}\\p{N}_$)\\]}"\'`!>](?:[ \\t]*\\r?\\n\\s*)?)(?<!(?:^|[^\\p{L}\\p{N}_$.])\\d+)\\??\\.([\\p{L}\\p{N}_$#]*)';

import type { BenchAnswer } from '../../server/protocol';

/** What the page of a report may ask the extension for. */
export type PageMessage = 'ready' | 'copyMarkdown' | 'exportMarkdown' | 'exportJson';

/** What the extension tells the page. */
export interface ReportMessage {
  readonly answer: BenchAnswer;
}

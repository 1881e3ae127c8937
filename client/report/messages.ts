import type { BenchAnswer, StatisticsPage } from '../../server/protocol';

/** What a page may ask the extension for. */
export type PageMessage =
  | 'ready'
  | 'copyMarkdown'
  | 'exportMarkdown'
  | 'exportJson'
  | 'refreshStatistics'
  | 'exportStatistics'
  | 'resetStatistics';

/** What the extension tells the page. */
export type ReportMessage = { readonly answer: BenchAnswer } | { readonly statistics: StatisticsPage };

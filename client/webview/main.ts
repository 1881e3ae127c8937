/** The page of a benchmark report or of the statistics: draws what the extension sends, and asks it for more. */
import type { PageMessage, ReportMessage } from '../report/messages';
import { type DrawnCharts, drawCharts } from './charts';
import { renderReport } from './report';
import { renderStatistics } from './statistics';
import { onThemeChange } from './theme';
import './report.css';

declare function acquireVsCodeApi(): { postMessage(message: PageMessage): void };

const { postMessage } = acquireVsCodeApi();
let drawn: DrawnCharts | undefined;

window.addEventListener('message', ({ data }: MessageEvent<ReportMessage>) => {
  const main = document.getElementById('report');
  if (main === null) return;
  const pressed = document.activeElement?.textContent;
  const places =
    'answer' in data
      ? renderReport(main, data.answer, postMessage)
      : renderStatistics(main, data.statistics, postMessage);
  drawn?.destroy();
  drawn = drawCharts(places);
  // Who has pressed a button with the keyboard finds it under the same key again.
  const buttons = [...main.querySelectorAll('button')];
  buttons.find(({ textContent }) => textContent === pressed)?.focus();
});
onThemeChange(() => drawn?.redraw());
postMessage('ready');

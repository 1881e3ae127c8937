/** The page of a benchmark report: draws what the extension sends, and asks it for exports. */
import type { PageMessage, ReportMessage } from '../report/messages';
import { type DrawnCharts, drawCharts } from './charts';
import { renderReport } from './report';
import { onThemeChange } from './theme';
import './report.css';

declare function acquireVsCodeApi(): { postMessage(message: PageMessage): void };

const { postMessage } = acquireVsCodeApi();
let drawn: DrawnCharts | undefined;

window.addEventListener('message', ({ data }: MessageEvent<ReportMessage>) => {
  const main = document.getElementById('report');
  if (main === null) return;
  const places = renderReport(main, data.answer, postMessage);
  drawn?.destroy();
  drawn = drawCharts(places);
});
onThemeChange(() => drawn?.redraw());
postMessage('ready');

import type { StatisticsPage } from '../../server/protocol';
import type { PageMessage } from '../report/messages';
import type { ChartPlace } from './charts';
import { element, table, toolbar } from './elements';
import { figure } from './figure';

const buttons: readonly (readonly [PageMessage, string])[] = [
  ['refreshStatistics', 'Refresh'],
  ['exportStatistics', 'Export JSON…'],
  ['resetStatistics', 'Reset…'],
];

/** Fills the page, and returns where its charts go. */
export function renderStatistics(
  main: HTMLElement,
  { summary, charts, tables, notes }: StatisticsPage,
  ask: (message: PageMessage) => void,
): ChartPlace[] {
  const places: ChartPlace[] = [];
  const figures = charts.map((chart) => figure(chart, (place) => places.push(place)));
  main.replaceChildren(
    element(
      'header',
      {},
      element('h1', {}, 'Slipstream Statistics'),
      // A screen reader tells the new sums when the page was refreshed.
      element('p', { class: 'summary', role: 'status' }, summary),
      toolbar('Statistics', buttons, ask),
    ),
    ...(figures.length === 0
      ? []
      : [element('section', { class: 'charts', 'aria-label': 'Charts' }, ...figures)]),
    ...tables.map(({ title, lines }) =>
      element('section', {}, element('h2', {}, title), table(lines, title)),
    ),
    element('ul', {}, ...notes.map((note) => element('li', {}, note))),
  );
  return places;
}

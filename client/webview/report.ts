import type { BenchAnswer, BenchPage } from '../../server/protocol';
import type { PageMessage } from '../report/messages';
import type { ChartPlace } from './charts';
import { element, table, toolbar } from './elements';
import { figure } from './figure';

const buttons: readonly (readonly [PageMessage, string])[] = [
  ['copyMarkdown', 'Copy Markdown'],
  ['exportMarkdown', 'Export Markdown…'],
  ['exportJson', 'Export JSON…'],
];

/** Fills the page, and returns where its charts go. */
export function renderReport(
  main: HTMLElement,
  { pages, stopped }: BenchAnswer,
  ask: (message: PageMessage) => void,
): ChartPlace[] {
  const places: ChartPlace[] = [];
  main.replaceChildren(
    header(pages, stopped, ask),
    ...pages.map((page) => section(page, (place) => places.push(place))),
  );
  return places;
}

function header(
  pages: readonly BenchPage[],
  stopped: boolean,
  ask: (message: PageMessage) => void,
): HTMLElement {
  const verdicts = pages.flatMap(({ report }) => report.rows.flatMap(({ met }) => met ?? []));
  const failed = pages.filter(({ report }) => report.failure !== undefined).length;
  const summary = [
    `${verdicts.filter((met) => met).length} of ${verdicts.length} goals met`,
    ...(failed === 0 ? [] : [`${failed} of ${pages.length} suites not measured`]),
    ...(stopped ? ['cancelled: what had ended by then'] : []),
  ];
  const machines = [...new Set(pages.map(({ machine }) => machine))];
  return element(
    'header',
    {},
    element('h1', {}, 'Slipstream Benchmark'),
    element('p', { class: 'summary' }, `${summary.join(' · ')}.`),
    ...machines.map((machine) => element('p', { class: 'machine' }, machine)),
    toolbar('Export', buttons, ask),
  );
}

function section(page: BenchPage, place: (place: ChartPlace) => void): HTMLElement {
  const { suite, failure, rows, notes } = page.report;
  const heading = element('h2', {}, suite);
  if (failure !== undefined)
    return element('section', {}, heading, element('p', { class: 'failure' }, `Not measured: ${failure}`));
  return element(
    'section',
    {},
    heading,
    element('div', { class: 'charts' }, ...page.charts.map((chart) => figure(chart, place))),
    table(page.table, `Figures of ${suite}`, (line) => rows[line]?.met),
    ...(notes.length === 0 ? [] : [element('ul', {}, ...notes.map((note) => element('li', {}, note)))]),
  );
}

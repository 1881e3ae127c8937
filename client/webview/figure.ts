import type { BenchChart } from '../../server/protocol';
import { isLying } from './chartConfig';
import type { ChartPlace } from './charts';
import { chartValues, element } from './elements';

/** A chart with its title and, for who cannot see it, its numbers; `place` is told where it is drawn. */
export function figure(chart: BenchChart, place: (place: ChartPlace) => void): HTMLElement {
  const canvas = element('canvas', {
    role: 'img',
    'aria-label': `${chart.title}, in ${chart.unit}; the values stand below`,
  });
  const frame = element('div', { class: 'frame' }, canvas);
  // Bars that lie need a height for each; the rest fits into any.
  if (isLying(chart)) frame.style.height = `${90 + chart.labels.length * (14 + 18 * chart.series.length)}px`;
  place({ chart, canvas });
  const caption = element('figcaption', {}, chart.title);
  return element('figure', isLying(chart) ? { class: 'lying' } : {}, caption, frame, chartValues(chart));
}

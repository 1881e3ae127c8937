import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from 'chart.js';
import type { BenchChart } from '../../server/protocol';
import { chartConfiguration } from './chartConfig';
import { readTheme } from './theme';

Chart.register(
  BarController,
  BarElement,
  CategoryScale,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
);

export interface ChartPlace {
  readonly chart: BenchChart;
  readonly canvas: HTMLCanvasElement;
}

export interface DrawnCharts {
  /** In the colours of the theme as it is now. */
  redraw(): void;
  destroy(): void;
}

export function drawCharts(places: readonly ChartPlace[]): DrawnCharts {
  let charts: Chart[] = [];
  const destroy = () => {
    for (const chart of charts) chart.destroy();
    charts = [];
  };
  const redraw = () => {
    destroy();
    const theme = readTheme();
    charts = places.map(({ chart, canvas }) => new Chart(canvas, chartConfiguration(chart, theme)));
  };
  redraw();
  return { redraw, destroy };
}

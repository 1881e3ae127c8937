import type { ChartConfiguration, ChartDataset } from 'chart.js';
import { color } from 'chart.js/helpers';
import type { BenchChart } from '../../server/protocol';
import { wrap } from '../wrap';

/** What the charts take from the editor's colour theme. */
export interface Theme {
  readonly text: string;
  readonly grid: string;
  readonly background: string;
  readonly font: string;
  /** One for each series, in turn. */
  readonly series: readonly string[];
  readonly highContrast: boolean;
}

type Kind = BenchChart['kind'];

/** Longer labels do not fit below a bar, but beside one. */
const longLabel = 16;
const labelLength = 38;
const shapes = ['circle', 'rect', 'triangle', 'rectRot', 'crossRot', 'star'] as const;

/** Bars with long labels lie, one below the other. */
export const isLying = ({ kind, labels }: BenchChart) =>
  kind === 'bar' && labels.some((label) => label.length > longLabel);

/** What Chart.js draws: without animations, in the colours of the theme, and readable without them. */
export function chartConfiguration(chart: BenchChart, theme: Theme): ChartConfiguration<Kind> {
  const lying = isLying(chart);
  const values = { beginAtZero: true, ...scale(chart.unit, theme) };
  const labels = { ...scale(chart.axis, theme), grid: { display: false } };
  return {
    type: chart.kind,
    data: {
      labels: chart.labels.map((label) => (lying ? wrap(label, labelLength) : label)),
      datasets: chart.series.map(({ name, values }, i) => ({
        label: name,
        // Numbers that are none have become null on their way here: a gap.
        data: [...values],
        ...(chart.kind === 'bar' ? bars(i, theme) : line(i, theme)),
      })),
    },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      indexAxis: lying ? 'y' : 'x',
      font: { family: theme.font },
      color: theme.text,
      interaction: { mode: 'index', intersect: false, axis: lying ? 'y' : 'x' },
      scales: lying ? { x: values, y: labels } : { x: labels, y: values },
      plugins: {
        legend: {
          display: chart.series.length > 1,
          labels: { color: theme.text, font: { family: theme.font }, usePointStyle: chart.kind === 'line' },
        },
        tooltip: {
          backgroundColor: theme.background,
          titleColor: theme.text,
          bodyColor: theme.text,
          borderColor: theme.grid,
          borderWidth: 1,
        },
      },
    },
  };
}

function scale(title: string, theme: Theme) {
  const font = { family: theme.font };
  return {
    title: { display: title !== '', text: title, color: theme.text, font },
    ticks: { color: theme.text, font },
    grid: { color: faint(theme.grid, theme.highContrast ? 0.6 : 0.3) },
    border: { color: theme.grid },
  };
}

/** Ours is filled; what it is compared with is outlined, and so told apart without colours. */
function bars(i: number, theme: Theme): Partial<ChartDataset<'bar'>> {
  const own = seriesColor(i, theme);
  return {
    backgroundColor: i === 0 ? own : faint(own, 0.25),
    borderColor: own,
    borderWidth: 1.5,
    maxBarThickness: 28,
  };
}

function line(i: number, theme: Theme): Partial<ChartDataset<'line'>> {
  const own = seriesColor(i, theme);
  return {
    borderColor: own,
    backgroundColor: own,
    borderWidth: i === 0 ? 3 : 2,
    borderDash: i === 0 ? [] : [3 + 3 * i, 4],
    pointStyle: shapes[i % shapes.length] ?? 'circle',
    pointRadius: 5,
  };
}

const seriesColor = (i: number, { series, text }: Theme) => series[i % series.length] ?? text;

function faint(css: string, alpha: number): string {
  const parsed = color(css);
  return parsed.valid ? parsed.alpha(alpha).rgbString() : css;
}

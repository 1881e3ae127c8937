import { describe, expect, test } from 'vitest';
import { reportHtml } from '../../client/report/html';
import { chartConfiguration, isLying, type Theme } from '../../client/webview/chartConfig';
import type { BenchChart } from '../../server/protocol';

describe('the page of a report', () => {
  const html = reportHtml({
    title: 'Slipstream Benchmark',
    script: 'vscode-webview://x/report.js',
    style: 'vscode-webview://x/report.css',
    cspSource: 'vscode-webview://x',
    nonce: 'n0nce',
  });
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';

  test('loads nothing but our own script and style sheet', () => {
    expect(policy.split(';').map((part) => part.trim())).toEqual([
      "default-src 'none'",
      "script-src 'nonce-n0nce'",
      'style-src vscode-webview://x',
    ]);
    expect(html).not.toMatch(/https?:/);
    expect(html).not.toMatch(/ style="| on\w+="/);
  });

  test('every script carries the nonce', () => {
    const scripts = html.match(/<script[^>]*>/g) ?? [];
    expect(scripts).toHaveLength(1);
    for (const script of scripts) expect(script).toContain('nonce="n0nce"');
  });
});

describe('charts', () => {
  const theme: Theme = {
    text: '#111111',
    grid: '#222222',
    background: '#ffffff',
    font: 'sans-serif',
    series: ['#0000ff', '#ff8800'],
    highContrast: false,
  };
  const chart: BenchChart = {
    title: 'Time',
    kind: 'bar',
    unit: 'ms',
    axis: '',
    labels: ['a', 'b'],
    series: [
      { name: 'ours', values: [1, 2] },
      { name: 'theirs', values: [3, 4] },
    ],
  };

  test('have a series for each contender; ours is filled, the others are outlined', () => {
    const { data, options } = chartConfiguration(chart, theme);
    expect(data.datasets.map(({ label }) => label)).toEqual(['ours', 'theirs']);
    expect(data.datasets.map(({ data }) => data)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    const fills = data.datasets.map(({ backgroundColor }) => backgroundColor);
    expect(fills[0]).toBe('#0000ff');
    expect(fills[1]).toMatch(/rgba\(255, 136, 0, 0\.25\)/);
    expect(options?.animation).toBe(false);
  });

  test('bars with long labels lie, so that the labels can be read', () => {
    const long = { ...chart, labels: ['a label that has no room below a bar', 'b'] };
    expect(isLying(chart)).toBe(false);
    expect(isLying(long)).toBe(true);
    expect(chartConfiguration(long, theme).options?.indexAxis).toBe('y');
    expect(isLying({ ...long, kind: 'line' })).toBe(false);
  });
});

import type { Theme } from './chartConfig';

const seriesNames = ['blue', 'orange', 'green', 'purple', 'red', 'yellow'] as const;

export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(`--vscode-${name}`).trim();
  // Not every theme has every colour, high contrast ones least of all.
  const text = read('charts-foreground') || read('foreground') || 'CanvasText';
  const highContrast = /vscode-high-contrast/.test(document.body.className);
  return {
    text,
    grid: (highContrast && read('contrastBorder')) || read('charts-lines') || text,
    background: read('editor-background') || 'Canvas',
    font: read('font-family') || 'sans-serif',
    series: seriesNames.map((name) => read(`charts-${name}`) || text),
    highContrast,
  };
}

/** Runs `redraw` after each change of the colour theme; the editor changes the classes and variables of the page then. */
export function onThemeChange(redraw: () => void): void {
  const observer = new MutationObserver(redraw);
  observer.observe(document.body, { attributeFilter: ['class'] });
  observer.observe(document.documentElement, { attributeFilter: ['style'] });
}

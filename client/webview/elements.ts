import type { BenchChart } from '../../server/protocol';

type Attributes = Readonly<Record<string, string>>;

/** An element with attributes and children; text is only ever text. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const created = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) created.setAttribute(key, value);
  created.append(...children);
  return created;
}

/** A table whose first line has the titles; `verdict` tells of a line whether it met its goal. */
export function table(
  lines: readonly (readonly string[])[],
  label: string,
  verdict: (line: number) => boolean | undefined = () => undefined,
): HTMLElement {
  const [titles = [], ...body] = lines;
  const head = element('tr', {}, ...titles.map((title) => element('th', { scope: 'col' }, title)));
  const rows = body.map((cells, i) => {
    const met = verdict(i);
    const [first = '', ...others] = cells.map((cell, c) =>
      c === cells.length - 1 && met !== undefined ? (met ? '✓ met' : '✗ missed') : cell,
    );
    const kind: Attributes = met === undefined ? {} : { class: met ? 'met' : 'missed' };
    return element(
      'tr',
      kind,
      element('th', { scope: 'row' }, first),
      ...others.map((cell) => element('td', {}, cell)),
    );
  });
  const content = element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows));
  // Wide tables scroll by themselves, with the keyboard too.
  return element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': label }, content);
}

/** Buttons that each ask for one thing. */
export function toolbar<Message>(
  label: string,
  buttons: readonly (readonly [Message, string])[],
  ask: (message: Message) => void,
): HTMLElement {
  const made = buttons.map(([message, text]) => {
    const button = element('button', { type: 'button' }, text);
    button.addEventListener('click', () => ask(message));
    return button;
  });
  return element('div', { class: 'toolbar', role: 'toolbar', 'aria-label': label }, ...made);
}

/** The numbers of a chart, for those who do not see it and for those who want them. */
export function chartValues({ title, axis, unit, labels, series }: BenchChart): HTMLElement {
  const text = (value: number | null | undefined) =>
    typeof value === 'number' ? String(Number(value.toPrecision(4))) : '';
  const lines = labels.map((label, i) => [label, ...series.map(({ values }) => text(values[i]))]);
  return element(
    'details',
    {},
    element('summary', {}, `Values in ${unit}`),
    table([[axis, ...series.map(({ name }) => name)], ...lines], title),
  );
}

/** Reads lines of `.slipstream-trace` documents, as the server's renderer writes them. No editor is needed to test it. */

export interface TraceToken {
  readonly class: string;
  readonly source: string;
  /** In percent. */
  readonly probability: number;
  /** In nats. */
  readonly entropy: number;
  readonly text: string;
  /** What monitors forbade there. */
  readonly insteadOf?: string;
  /** What was more likely, where looking ahead found this one the better. */
  readonly ratherThan?: string;
}

const quoted = String.raw`"(?:[^"\\]|\\.)*"`;
const token = new RegExp(
  String.raw`^ +\+ (\w+) +(\w+) +(\d+\.\d)%  (\d+\.\d+)n  (${quoted})(?:  instead of (${quoted}))?(?:  rather than (${quoted}))?$`,
);

/** Undefined for a line that is none. */
export function parseTokenLine(line: string): TraceToken | undefined {
  const [, kind, source, probability, entropy, text, insteadOf, ratherThan] = token.exec(line) ?? [];
  if (kind === undefined || source === undefined || text === undefined) return undefined;
  return {
    class: kind,
    source,
    probability: Number(probability),
    entropy: Number(entropy),
    text: unquoted(text),
    ...(insteadOf !== undefined && { insteadOf: unquoted(insteadOf) }),
    ...(ratherThan !== undefined && { ratherThan: unquoted(ratherThan) }),
  };
}

const meanings: Readonly<Record<string, string>> = {
  certain: 'The model was sure: hardly anything else could have stood here.',
  likely: 'The most likely of several.',
  uncertain: 'The model was torn between several.',
  copied: 'Proposed from text that repeats; the model has confirmed it.',
  constrained:
    'Tokens were ruled out here, by static analysis, by the part of a word before the caret, or because they led into a loop.',
};

const sources: Readonly<Record<string, string>> = {
  model: 'written by the model',
  copy: 'proposed by copy speculation, confirmed by the model',
  lookahead: 'proposed by looking ahead, confirmed by the model',
};

/** What a token line means, as Markdown without links. */
export function explainToken(details: TraceToken): string {
  const { probability, entropy, source } = details;
  // As many tokens of equal probability would make the model as unsure.
  const choices = Math.exp(entropy);
  return [
    `**${details.class}**: ${meanings[details.class] ?? ''}`,
    '',
    `- text: ${code(details.text)}`,
    `- probability: ${probability} %`,
    `- entropy: ${entropy} nats, as if there were ${Number(choices.toPrecision(2))} equal choices`,
    `- origin: ${sources[source] ?? source}`,
    ...(details.insteadOf === undefined
      ? []
      : [`- forbidden here: ${code(details.insteadOf)}, which the model would have written`]),
    ...(details.ratherThan === undefined
      ? []
      : [`- more likely at first: ${code(details.ratherThan)}; what follows made this one the better`]),
  ].join('\n');
}

/** Whatever is in it, it stays one code span: with more backticks around it than are in it. */
function code(text: string): string {
  const shown = JSON.stringify(text);
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence} ${shown} ${fence}`;
}

export interface TracePlace {
  /** Where in the line the address stands. */
  readonly start: number;
  readonly end: number;
  readonly uri: string;
}

/** The address in a line that has one which leads somewhere. */
export function parsePlaceLine(line: string): TracePlace | undefined {
  const [all, before, uri] = /^( +(?:place|snippet) )((?!clipboard:)\S+)/.exec(line) ?? [];
  if (all === undefined || before === undefined || uri === undefined) return undefined;
  return { start: before.length, end: all.length, uri };
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}

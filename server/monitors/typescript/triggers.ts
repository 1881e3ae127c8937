import type { MonitorTrigger } from '../../../engine/index';
import { memberPattern } from '../analyst';

const word = '[\\p{L}\\p{N}_$]*';

/** Where the TypeScript analysis has a say, by the text before the place. */
const triggers = {
  member: memberPattern,
  /** In the braces of an import, or of an export from elsewhere. */
  import: `(?:import|export)\\s+(?:type\\s+)?(?:[\\p{L}\\p{N}_$]+\\s*,\\s*)?\\{(?:[^{}]*,)?\\s*(${word})`,
  class: `(?<![\\p{L}\\p{N}_$.])new\\s+(${word})`,
  call: '[\\p{L}\\p{N}_$>\\])]\\(([^()]*)',
  /** A string where a type may name all that are legal. */
  literal: '(?:[=!]==?|\\bcase|[(,:=?|\\[]|\\breturn)\\s*["\']([^"\'\\n\\\\]*)',
  property: `(?:[({\\[,=:?]|\\breturn|=>\\s*\\()\\s*\\{(?:[^{}()]*,)?\\s*(${word})`,
} as const;

/** In JSX, which is in files of these languages. */
const jsxTriggers = {
  attribute: '<[A-Za-z][\\w$.]*\\s[^<>]*(?<=\\s)([\\w$-]*)',
  /** Behind a value it compares, and behind a name it begins type arguments. */
  component: '(?:^|[>({}\\[,;:?&|=\\n]|\\breturn|\\bdefault)\\s*<([\\p{L}\\p{N}_$-]*)',
  closing: '</([\\p{L}\\p{N}_$.:-]*)',
} as const;

export type MonitorKind = keyof typeof triggers | keyof typeof jsxTriggers;

const toList = (patterns: Readonly<Record<string, string>>): MonitorTrigger[] =>
  Object.entries(patterns).map(([kind, pattern]) => ({ kind, pattern }));

const plain = toList(triggers);
const withJsx = [...plain, ...toList(jsxTriggers)];

const byLanguage: Readonly<Record<string, readonly MonitorTrigger[]>> = {
  typescript: plain,
  javascript: withJsx,
  typescriptreact: withJsx,
  javascriptreact: withJsx,
};

export const triggersOf = (languageId: string): readonly MonitorTrigger[] => byLanguage[languageId] ?? [];

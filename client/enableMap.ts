/** The value of `slipstream.enable`: on or off per language id, `*` for the languages that are not named. */
export type EnableMap = Readonly<Record<string, boolean>>;

/** On or off everywhere. Languages that the user switched off by name stay off. */
export function withAllLanguages(map: EnableMap, on: boolean): EnableMap {
  const switchedOff = Object.entries(map).filter(([language, enabled]) => language !== '*' && !enabled);
  return { ...Object.fromEntries(switchedOff), '*': on };
}

export function withLanguage(map: EnableMap, language: string, on: boolean): EnableMap {
  return { ...map, [language]: on };
}

/** The rule that the server applies: the language's own switch, else that of `*`. */
export const isOn = (map: EnableMap, language: string): boolean => map[language] ?? map['*'] ?? true;

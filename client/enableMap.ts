/** The value of `slipstream.enable`: on or off per language id, `*` for the languages that are not named. */
export type EnableMap = Readonly<Record<string, boolean>>;

/** Off everywhere, and the languages that were switched on by name, which would stay on: they are taken out, to be given back. */
export function withoutLanguages(map: EnableMap): { readonly map: EnableMap; readonly taken: EnableMap } {
  const named = Object.entries(map).filter(([language]) => language !== '*');
  const of = (state: boolean) => Object.fromEntries(named.filter(([, enabled]) => enabled === state));
  return { map: { ...of(false), '*': false }, taken: of(true) };
}

/**
 * On everywhere. Languages that the user switched off by name stay off.
 * @param taken by `withoutLanguages` from the same map
 */
export const withAllLanguages = (map: EnableMap, taken: EnableMap): EnableMap => ({
  ...taken,
  ...map,
  '*': true,
});

export function withLanguage(map: EnableMap, language: string, on: boolean): EnableMap {
  return { ...map, [language]: on };
}

/** The rule that the server applies: the language's own switch, else that of `*`. */
export const isOn = (map: EnableMap, language: string): boolean => map[language] ?? map['*'] ?? true;

import { corrupt, isObject, type JsonObject } from './files';

export interface IntegerRange {
  readonly min?: number;
  readonly max: number;
  /** Taken where the field is absent or null; without it the field is required. */
  readonly fallback?: number;
}

/** Checked access to one JSON object of a config file; every complaint names the field and the value. */
export interface FieldReader {
  readonly raw: JsonObject;
  integer(name: string, range: IntegerRange): number;
  optionalInteger(name: string, range: IntegerRange): number | undefined;
  /** A finite number > `above` and <= `max`. */
  number(name: string, range: { above: number; max: number; fallback?: number }): number;
  boolean(name: string, fallback: boolean): boolean;
  string(name: string): string | undefined;
  object(name: string): FieldReader | undefined;
  /** One id, a list of ids, or nothing, as Hugging Face writes end-of-text ids. */
  tokenIds(name: string, vocabSize: number): readonly number[];
  invalid(name: string, expected: string): Error;
}

export function fieldReader(path: string, raw: JsonObject, parent = ''): FieldReader {
  const invalid = (name: string, expected: string) =>
    corrupt(path, `has ${parent}${name} = ${shown(raw[name])} where ${expected} is needed`);
  const isSet = (name: string) => raw[name] !== undefined && raw[name] !== null;

  function integer(name: string, { min = 1, max, fallback }: IntegerRange): number {
    const value = isSet(name) ? raw[name] : fallback;
    if (isInteger(value, min, max)) return value;
    throw invalid(name, `an integer from ${min} to ${max}`);
  }

  return {
    raw,
    invalid,
    integer,
    optionalInteger: (name, range) => (isSet(name) ? integer(name, range) : undefined),
    number(name, { above, max, fallback }) {
      const value = isSet(name) ? raw[name] : fallback;
      if (typeof value === 'number' && value > above && value <= max) return value;
      throw invalid(name, `a number above ${above} and at most ${max}`);
    },
    boolean(name, fallback) {
      const value = isSet(name) ? raw[name] : fallback;
      if (typeof value === 'boolean') return value;
      throw invalid(name, 'true or false');
    },
    string(name) {
      const value = raw[name];
      if (value === undefined || value === null) return undefined;
      if (typeof value === 'string') return value;
      throw invalid(name, 'a string');
    },
    object(name) {
      const value = raw[name];
      if (value === undefined || value === null) return undefined;
      if (isObject(value)) return fieldReader(path, value, `${parent}${name}.`);
      throw invalid(name, 'an object');
    },
    tokenIds(name, vocabSize) {
      if (!isSet(name)) return [];
      const value = raw[name];
      const ids: unknown[] = Array.isArray(value) ? value : [value];
      return ids.map((id) => {
        if (isInteger(id, 0, vocabSize - 1)) return id;
        throw invalid(name, `token ids from 0 to ${vocabSize - 1}`);
      });
    },
  };
}

function isInteger(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}

/** Infinity is how JSON.parse reads 1e999, and JSON.stringify would show it as null. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'number' ? String(value) : JSON.stringify(value).slice(0, 80);
}

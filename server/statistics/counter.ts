import { localDay } from '../localTime';
import {
  type LanguageCounts,
  noDayCounts,
  noLanguageCounts,
  noLatencies,
  noStatistics,
  own,
  type Statistics,
} from './counts';
import { binOf } from './histogram';

/** Counts what happens, until it is taken to where it is kept. */
export interface Counter {
  shown(languageId: string): void;
  accepted(languageId: string): void;
  language(languageId: string, key: keyof LanguageCounts, by: number): void;
  empty(reason: string): void;
  latency(source: string, milliseconds: number): void;
  /** What was counted since the last time; undefined where nothing was. */
  take(): Statistics | undefined;
}

export function createCounter(today: () => string = () => localDay(new Date())): Counter {
  let counts: Statistics | undefined;

  const open = (): Statistics => {
    counts ??= { ...noStatistics(), since: today() };
    return counts;
  };
  const slot = <T>(record: Record<string, T>, key: string, none: () => T): T => {
    const found = own(record, key) ?? none();
    Object.defineProperty(record, key, {
      value: found,
      enumerable: true,
      configurable: true,
      writable: true,
    });
    return found;
  };
  const language = (languageId: string, key: keyof LanguageCounts, by: number) => {
    slot(open().languages, languageId, noLanguageCounts)[key] += by;
  };
  const day = (key: 'shown' | 'accepted') => {
    slot(open().days, today(), noDayCounts)[key] += 1;
  };

  return {
    shown(languageId) {
      language(languageId, 'shown', 1);
      day('shown');
    },
    accepted(languageId) {
      language(languageId, 'accepted', 1);
      day('accepted');
    },
    language,
    empty(reason) {
      const { empty } = open();
      empty[reason] = (own(empty, reason) ?? 0) + 1;
    },
    latency(source, milliseconds) {
      const bins = slot(open().latency, source, noLatencies);
      const bin = binOf(milliseconds);
      bins[bin] = (bins[bin] ?? 0) + 1;
    },
    take() {
      const taken = counts;
      counts = undefined;
      return taken;
    },
  };
}

const two = (value: number) => String(value).padStart(2, '0');

/** The day on the user's calendar, as YYYY-MM-DD. */
export const localDay = (date: Date): string =>
  `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;

/** The time on the user's clock, as hh:mm:ss.mmm. */
export const localTime = (date: Date): string =>
  `${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}.${String(date.getMilliseconds()).padStart(3, '0')}`;

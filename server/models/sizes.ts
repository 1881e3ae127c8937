const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];

/** As disks and the hub count: 988,097,824 bytes are 988 MB. */
export function sizeText(bytes: number): string {
  const unit = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const value = bytes / 1000 ** unit;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toPrecision(3)} ${units[unit]}`;
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createBattery, dischargesIn } from '../../../server/documents/battery';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipstream-battery-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As Linux describes one. */
function supply(name: string, files: Record<string, string>): void {
  mkdirSync(path.join(folder, name), { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(folder, name, file), `${text}\n`);
}

it('counts the battery of the machine, not that of a mouse', async () => {
  expect(await dischargesIn(folder)).toBe(false);
  supply('AC', { type: 'Mains', online: '1' });
  supply('hid-mouse', { type: 'Battery', status: 'Discharging', scope: 'Device' });
  expect(await dischargesIn(folder)).toBe(false);
  supply('BAT0', { type: 'Battery', status: 'Charging' });
  expect(await dischargesIn(folder)).toBe(false);
  supply('BAT0', { status: 'Discharging' });
  expect(await dischargesIn(folder)).toBe(true);
});

it('looks at most twice a minute, and takes a machine that does not tell for plugged in', async () => {
  let time = 0;
  const look = vi.fn(() => Promise.resolve(true));
  const battery = createBattery(look, () => time);
  expect(battery.isInUse()).toBe(false);
  await vi.waitFor(() => expect(battery.isInUse()).toBe(true));
  time = 29_000;
  battery.isInUse();
  expect(look).toHaveBeenCalledTimes(1);
  look.mockRejectedValue(new Error('no such folder'));
  time = 31_000;
  battery.isInUse();
  await vi.waitFor(() => expect(battery.isInUse()).toBe(false));
});

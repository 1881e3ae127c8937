import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { samplePlaces, shapes } from '../../../../server/cli/eval/places';

const draw = (seed: number) => samplePlaces(['server/cli', 'server/completion'], 80, seed, () => {});

it('draws places of every shape, each of a file as it is, and the same ones again', () => {
  const places = draw(1);
  expect(places).toHaveLength(80);
  expect(new Set(places.map(({ shape }) => shape))).toEqual(new Set(shapes));
  for (const { file, before, truth, after } of places) {
    expect(before + truth + after).toBe(readFileSync(file, 'utf8'));
    expect(truth.trim().length).toBeGreaterThan(2);
  }
  expect(draw(1)).toEqual(places);
  expect(draw(2)).not.toEqual(places);
});

it('takes out what stands between two brackets or quotes of a line, which stay', () => {
  for (const { before, truth, after } of draw(3).filter(({ shape }) => shape === 'pair')) {
    expect(`${before.at(-1)}${after.at(0)}`).toMatch(/^(?:\(\)|\[\]|\{\}|""|''|``)$/);
    expect(truth).not.toContain('\n');
  }
});

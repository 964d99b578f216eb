// Colours and what they stand for: maps that eyes can order, ranges that leave the basins visible.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { colourTable, cssColour, cssGradient, oklchToRgb } from '../../www/views/colour.js';
import { place, rounded } from '../../www/views/colour-bar.js';
import { colourCells } from '../../www/views/heatmap.js';
import { densityRange, eased, energyRange } from '../../www/views/range.js';
import { scaleOf } from '../../www/views/scale.js';

const QUANTITIES = /** @type {const} */ (['energy', 'density']);
const THEMES = /** @type {const} */ (['light', 'dark']);

/** Relative luminance of a pixel (WCAG 2). @param {number} pixel */
function luminance(pixel) {
  const [r, g, b] = [0, 8, 16].map((shift) => {
    const v = ((pixel >>> shift) & 255) / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

for (const quantity of QUANTITIES) {
  for (const theme of THEMES) {
    test(`the ${theme} map of ${quantity} gets steadily lighter or darker`, () => {
      const table = colourTable(quantity, theme);
      assert.equal(table.length, 256);
      // Every sixteenth colour: neighbours may round to the same byte.
      const light = Array.from({ length: 17 }, (_, i) => luminance(table[Math.min(255, 16 * i)]));
      const way = Math.sign(light[16] - light[0]);
      for (let i = 0; i < 16; i++) assert.ok(way * (light[i + 1] - light[i]) > 0, `step ${i}`);
    });
  }
}

test('what is far from the data has the colour of the paper, in both quantities', () => {
  for (const theme of THEMES) {
    const energy = colourTable('energy', theme);
    const density = colourTable('density', theme);
    assert.equal(energy[255], density[0]);
    assert.ok(theme === 'light' ? luminance(density[0]) > 0.85 : luminance(density[0]) < 0.02);
  }
});

test('OKLCh at the ends and in grey is black, white and neutral', () => {
  for (const value of oklchToRgb([0, 0, 0])) assert.ok(Math.abs(value) < 0.5);
  for (const value of oklchToRgb([1, 0, 0])) assert.ok(Math.abs(value - 255) < 0.5);
  const [r, g, b] = oklchToRgb([0.5, 0, 90]);
  // The published matrices have ten digits: a grey is neutral to well below one byte.
  assert.ok(Math.abs(r - g) < 0.01 && Math.abs(g - b) < 0.01);
});

test('colours as CSS text hold at the ends of the map', () => {
  const table = colourTable('energy', 'light');
  assert.equal(cssColour(table, -3), cssColour(table, 0));
  assert.equal(cssColour(table, 7), cssColour(table, 1));
  assert.match(cssGradient(table), /^linear-gradient\(to right, (rgb\(\d+ \d+ \d+\)(, )?){17}\)$/);
});

test('the automatic energy range starts at the lowest energy and is not stretched by the rim', () => {
  const n = 96;
  const energy = Float32Array.from({ length: n * n }, (_, i) => {
    const [x, y] = [-4 + (8 * (i % n)) / n, -4 + (8 * Math.floor(i / n)) / n];
    return 3 * (x * x + y * y);
  });
  const [low, high] = energyRange(energy);
  const lowest = Math.min(...energy);
  // Every ninth of 9,216 values is looked at; a neighbouring cell of the lowest lies at most 3·2·(8/96)² nats higher.
  assert.ok(low >= lowest && low < lowest + 1);
  assert.equal(high, low + 15);
  assert.ok(Math.max(...energy) > 90);
});

test('a flat landscape and one with infinities still have a range', () => {
  assert.deepEqual(energyRange(new Float32Array(4096).fill(2)), [2, Math.fround(2) + 0.1]);
  const [low, high] = energyRange(Float32Array.of(1, Number.POSITIVE_INFINITY, 3, Number.NaN, 2));
  assert.ok(low === 1 && high > low && high <= 3);
  assert.deepEqual(energyRange(new Float32Array(0)), [0, 1]);
});

test('the density range ends at the peak exp(−E − log Z)', () => {
  assert.deepEqual(densityRange([2, 1, 3], 0.5), [0, Math.exp(-1.5)]);
  assert.deepEqual(densityRange([], 0), [0, 1]);
});

test('an automatic range drifts to its aim and arrives', () => {
  /** @type {[number, number]} */
  const aim = [2, 12];
  let now = eased([1, 10], aim);
  assert.ok(now[0] > 1 && now[0] < 2 && now[1] > 10 && now[1] < 12);
  let frames = 1;
  while (now !== aim) {
    now = eased(now, aim);
    frames++;
  }
  // 0.75ⁿ · 2 < 10⁻³ · 10 after 19 landscapes: about two seconds.
  assert.ok(frames <= 20, `${frames} frames`);
});

test('another scene takes its range at once', () => {
  /** @type {[number, number]} */
  const aim = [0, 1];
  assert.equal(eased(null, aim), aim);
  assert.equal(eased([-150, -20], aim), aim);
});

test('contour levels lie evenly within the range, and none of a density at nought', () => {
  const energy = scaleOf('energy', [2.3, 12.9], 'light');
  assert.equal(energy.step, 1);
  assert.deepEqual(energy.levels, [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  const density = scaleOf('density', [0, 0.06], 'dark');
  assert.equal(density.step, 0.005);
  assert.equal(density.levels[0], 0.005);
  assert.equal(density.levels.length, 12);
});

test('cells are coloured by their place in the range, the grid’s last row on top', () => {
  const scale = scaleOf('energy', [0, 255], 'light');
  const landscape = /** @type {any} */ ({ columns: 2, rows: 2, energy: [0, 100, 255, 900], logZ: 0 });
  const pixels = new Uint32Array(4);
  colourCells(pixels, landscape, scale);
  assert.deepEqual([...pixels], [scale.table[255], scale.table[255], scale.table[0], scale.table[100]]);
});

test('cells of a density are exp(−E − log Z)', () => {
  const scale = scaleOf('density', [0, 1], 'dark');
  const landscape = /** @type {any} */ ({ columns: 1, rows: 1, energy: [0.3], logZ: 0.2 });
  const pixels = new Uint32Array(1);
  colourCells(pixels, landscape, scale);
  assert.equal(pixels[0], scale.table[Math.round(255 * Math.exp(-0.5))]);
});

test('values beyond the bar are marked at its ends, and a fixed range has round ends around the automatic one', () => {
  assert.equal(place(-1, [0, 4]), 0);
  assert.equal(place(1, [0, 4]), 0.25);
  assert.equal(place(9, [0, 4]), 1);
  const [low, high] = rounded([1.234, 11.87]);
  assert.ok(low <= 1.234 && high >= 11.87 && low > 0.5 && high < 12.6);
  assert.equal(low % 0.5, 0);
});

// Numbers as people read them: ticks, live values, the loop's stages, the curves' groups.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_CURVES } from '../../www/state/curves.js';
import { bars } from '../../www/views/bars.js';
import { chartData, chartGroups, newest } from '../../www/views/chart-data.js';
import { markerRadius, stepShown } from '../../www/views/points.js';
import { fragments } from '../../www/views/sentence.js';
import { afterStep, stageNumbers } from '../../www/views/stages.js';
import { multiples, niceStep, numberFormat, tickFormat, vectorText } from '../../www/views/ticks.js';

test('steps between ticks are 1, 2 or 5 times a power of ten, about as many as asked for', () => {
  for (const span of [1e-7, 0.03, 0.9, 1, 7.3, 8, 99, 1e6]) {
    const step = niceStep(span, 8);
    const mantissa = step / 10 ** Math.floor(Math.log10(step) + 1e-9);
    assert.ok(
      [1, 2, 5].some((m) => Math.abs(mantissa - m) < 1e-6),
      `${step}`,
    );
    // Neighbouring round numbers differ by 2.5 at most, so the rounding is off by √2.5 at most.
    assert.ok(span / step >= 8 / 1.6 && span / step <= 8 * 1.6, `${span} in ${span / step} parts`);
  }
});

test('ticks are exact decimals and nought has no sign', () => {
  assert.deepEqual(multiples(-0.35, 0.35, 0.1), [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]);
  assert.deepEqual(multiples(-4, 4, 2), [-4, -2, 0, 2, 4]);
  assert.ok(Object.is(multiples(-1, 1, 1)[1], 0));
  assert.deepEqual(multiples(0.2, 0.8, 1), []);
});

test('tick labels have the digits that tell them apart', () => {
  assert.equal(tickFormat('en', 0.5)(-1), '−1.0');
  assert.equal(tickFormat('en', 0.02)(0.06), '0.06');
  assert.equal(tickFormat('en', 2)(-4), '−4');
  assert.equal(tickFormat('en', 1e-6)(3e-6), '3E−6');
});

test('live numbers keep three digits, a wide minus and no sign at nought', () => {
  const text = numberFormat('en');
  assert.equal(text(0.0123456), '0.0123');
  assert.equal(text(-12345.6), '−12,346');
  assert.equal(text(-0), '0');
  assert.equal(text(1.2345e-7), '1.23E−7');
  assert.equal(text(null), '–');
  assert.equal(text(Number.NaN), '–');
  assert.equal(numberFormat('de')(1234.5), '1.235');
});

test('a vector is written with the decimals of its larger part', () => {
  assert.equal(vectorText('en', [-0.00625, -0.00065]), '(−0.00625, −0.00065)');
  assert.equal(vectorText('en', [1.2345, -0.0001]), '(1.23, 0.00)');
  assert.equal(vectorText('en', [0, 0]), '(0, 0)');
});

test('a localised sentence falls into text and words, in the order of its language', () => {
  assert.deepEqual(fragments('{landscape}, {data}와 {particles}.'), [
    { name: 'landscape' },
    { text: ', ' },
    { name: 'data' },
    { text: '와 ' },
    { name: 'particles' },
    { text: '.' },
  ]);
});

const curves = {
  columns: ['update', 'loss', 'regularisation', 'energyData', 'energyModel', 'nll', 'kl'],
  series: [
    [0, 10, 600, 700],
    [3, 2, 1, 0.5],
    [Number.NaN, 0.2, 0.1, 0.1],
    [1, 1, 1, 1],
    [2, 2, 2, 2],
    [Number.NaN, 3.5, Number.NaN, 3.1],
    [Number.NaN, Number.NaN, Number.NaN, Number.NaN],
  ].map((column) => Float32Array.from(column)),
  stride: 1,
};

test('curves are grouped with the loss first, and what has no number has no chart', () => {
  assert.deepEqual(chartGroups(curves), [
    { id: 'loss', columns: ['loss', 'regularisation'] },
    { id: 'nll', columns: ['nll'] },
    { id: 'energies', columns: ['energyData', 'energyModel'] },
  ]);
  assert.deepEqual(chartGroups(NO_CURVES), []);
});

test('charts show the recent past, a logarithmic axis without nought, and gaps where a number is missing', () => {
  const group = { id: 'nll', columns: ['nll'] };
  const all = chartData(curves, group, { span: 'all', logarithmic: false });
  assert.deepEqual(all[0], [0, 10, 600, 700]);
  assert.deepEqual(all[1], [null, 3.5, null, Math.fround(3.1)]);
  assert.deepEqual(chartData(curves, group, { span: 'recent', logarithmic: false })[0], [600, 700]);
  assert.deepEqual(chartData(curves, group, { span: 'all', logarithmic: true })[0], [10, 600, 700]);
  assert.equal(newest(curves, 'nll'), Math.fround(3.1));
  assert.equal(newest(curves, 'kl'), null);
});

test('each stage shows its own number: the last step’s, else the newest of the curves', () => {
  const known = { update: 7, curves, config: /** @type {any} */ ({ batch: 256 }) };
  const running = stageNumbers({ ...known, stepped: {} });
  assert.deepEqual(running.data, { name: 'points', value: 256 });
  assert.deepEqual(running.negatives, { name: 'energyModel', value: 2 });
  assert.deepEqual(running.compare, { name: 'loss', value: 0.5 });
  assert.equal(running.gradient, null);
  assert.deepEqual(running.update, { name: 'update', value: 7 });
  const stepping = stageNumbers({ ...known, stepped: { points: 64, steps: 3, gradientNorm: 0.7, loss: null } });
  assert.deepEqual(stepping.data, { name: 'points', value: 64 });
  assert.deepEqual(stepping.negatives, { name: 'steps', value: 3 });
  assert.deepEqual(stepping.gradient, { name: 'gradientNorm', value: 0.7 });
  assert.equal(stepping.compare, null);
});

test('numbers of earlier stages stay until their update is over', () => {
  const event = (/** @type {number} */ update, /** @type {Record<string, number>} */ numbers) =>
    /** @type {any} */ ({ grain: 'stage', stage: 0, substep: 0, update, numbers });
  let steps = afterStep({ update: -1, numbers: {} }, event(4, { points: 64 }));
  steps = afterStep(steps, event(4, { energyData: 1.5 }));
  assert.deepEqual(steps.numbers, { points: 64, energyData: 1.5 });
  steps = afterStep(steps, event(5, { points: 32 }));
  assert.deepEqual(steps.numbers, { points: 32 });
  assert.deepEqual(afterStep(steps, null).numbers, {});
});

test('batch and negatives are drawn while one steps, and not while the clock runs', () => {
  const clock = { update: 3, stage: 2, substep: 0, steps: 0 };
  const frame = { clock, batch: Float32Array.of(1, 2), negatives: Float32Array.of(3, 4), event: null };
  assert.deepEqual(stepShown(frame), { batch: frame.batch, negatives: frame.negatives, move: null });
  assert.deepEqual(stepShown({ ...frame, clock: { ...clock, stage: null } }), {
    batch: null,
    negatives: null,
    move: null,
  });
  assert.deepEqual(stepShown(null), { batch: null, negatives: null, move: null });
});

test('many points and small plots have smaller markers', () => {
  const large = { width: 900, height: 800 };
  assert.equal(markerRadius(100, 3, large), 3);
  assert.ok(markerRadius(4096, 3, large) < markerRadius(1024, 3, large));
  assert.ok(markerRadius(100, 3, { width: 390, height: 390 }) < 3);
  assert.ok(markerRadius(65536, 3, { width: 100, height: 100 }) >= 0.8);
});

test('histogram bars fill the drawing and the tallest has its height', () => {
  const [first, second, third] = bars([1, 4, 0], 240, 48);
  assert.deepEqual(first, [0, 36, 79, 12]);
  assert.deepEqual(second, [80, 0, 79, 48]);
  assert.equal(third[3], 0);
  assert.equal(bars([0, 0], 240, 48)[0][3], 0);
});

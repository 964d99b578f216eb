// A link brings an experiment back, and nothing that it may hold can break the page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitConfig } from '../../www/state/fit.js';
import { readLink, writeLink } from '../../www/state/link.js';
import { config, MANIFEST } from './manifest.mjs';

/** Half a step of a quantised coordinate, and the rounding of a float of that size. */
const HALF_STEP = 12 / 4095 / 2 + 1e-6;

/** Reads a link that can be read. @param {string} fragment @returns {any} */
const read = (fragment) => readLink(fragment);

test('a link holds every kind of value that differs from its default, and nothing else', () => {
  const changed = config();
  changed.seed = 4294967295;
  changed.model = { id: 'mlp', widths: [64], activation: 'relu' };
  changed.sampler = { id: 'langevin', stepSize: 1e-5, noise: 0.25, steps: 7, adapt: true };
  changed.batch = 1;
  const fragment = writeLink({ config: changed, manifest: MANIFEST });
  assert.ok(!fragment.includes('particles') && !fragment.includes('weight'));

  const { config: back, whole } = read(fragment);
  assert.equal(whole, true);
  assert.deepEqual(fitConfig(back, MANIFEST).changes, []);
  for (const [section, values] of Object.entries(back)) {
    if (typeof values === 'object')
      for (const [name, value] of Object.entries(values)) assert.deepEqual(value, changed[section][name]);
    else assert.deepEqual(values, changed[section]);
  }
  assert.deepEqual(back.model.widths, [64]);
  assert.equal(back.sampler.stepSize, 1e-5);
});

test('null is written where it is not the default', () => {
  const manifest = structuredClone(MANIFEST);
  manifest.sections.sampler[0].params[1].default = 1;
  assert.equal(read(writeLink({ config: config(), manifest })).config.sampler.noise, null);
});

test('an untouched scene is named by its id, its seed and its points alone', () => {
  assert.equal(writeLink({ config: config(), manifest: MANIFEST, scene: 'first' }), '#1/scene=first/seed=7/end');
  assert.equal(read('#1/scene=first/seed=7/end').scene, 'first');
});

test('a link consists of characters that chat programs leave alone', () => {
  const points = Float32Array.from({ length: 400 }, (_, i) => 6 * Math.sin(i * i));
  assert.match(writeLink({ config: config(), manifest: MANIFEST, points }), /^#[A-Za-z0-9=/.-]+\/end$/);
});

test('edited points come back to within half a step of 12 bits over [−6, 6], further ones at the edge', () => {
  const points = Float32Array.of(-6, 6, 0, 1.2345, -3.999, 4, 100, -100);
  const { points: back } = read(writeLink({ config: config(), manifest: MANIFEST, points }));
  const expected = [-6, 6, 0, 1.2345, -3.999, 4, 6, -6];
  assert.equal(back.length, points.length);
  for (const [i, x] of expected.entries()) assert.ok(Math.abs(back[i] - x) <= HALF_STEP, `${back[i]} for ${x}`);
});

test('an empty set of points is a set of points', () => {
  const { points } = read(writeLink({ config: config(), manifest: MANIFEST, points: new Float32Array(0) }));
  assert.equal(points.length, 0);
});

test('no fragment is no link', () => {
  assert.equal(readLink(''), null);
  assert.equal(readLink('#'), null);
});

for (const [fragment, problem] of [
  ['#2/seed=7/end', 'version'],
  ['#/etc', 'version'],
  ['#1/seed', 'segment'],
  ['#1/__proto__=1/end', 'segment'],
  ['#1/data.__proto__=1/end', 'segment'],
  ['#1/nothing.noise=1/end', 'segment'],
  ['#1/seed=7/<script>/end', 'segment'],
  ['#1/%E0%A4%A/end', 'segment'],
  ['#1/points=AAA/end', 'points'],
  [`#1/${'seed=7/'.repeat(10_000)}`, 'tooLong'],
]) {
  test(`${fragment.slice(0, 30)} is refused for its ${problem}`, () => {
    const answer = read(fragment);
    assert.equal(answer.problem, problem);
    assert.ok(Object.values(answer.params).every((value) => String(value).length <= 40));
  });
}

test('a link that was cut off says so and gives what arrived', () => {
  const { whole, config: back } = read('#1/seed=7/data=rings/data.noise=0.1');
  assert.equal(whole, false);
  assert.deepEqual(back, { version: 1, seed: 7, data: { id: 'rings', noise: 0.1 } });
});

test('percent-encoded links are read as they were meant', () => {
  assert.equal(read('#1%2Fseed%3D7%2Fend').config.seed, 7);
});

test('numbers beyond their range are clamped, and the change is named', () => {
  const { config: back, changes } = fitConfig(
    { version: 1, seed: 1, sampler: { id: 'langevin', stepSize: 1000, steps: 2.6 }, batch: -5 },
    MANIFEST,
  );
  assert.equal(back.sampler.stepSize, 1);
  assert.equal(back.sampler.steps, 3);
  assert.equal(back.batch, 1);
  assert.deepEqual(
    changes.map(({ field }) => field),
    ['sampler.stepSize', 'sampler.steps', 'batch'],
  );
});

test('values of a section without an id are fitted to the part that knows them', () => {
  const { config: back, changes } = fitConfig({ version: 1, seed: 1, sampler: { stepSize: 1000 } }, MANIFEST);
  assert.deepEqual(back, { version: 1, seed: 1, sampler: { stepSize: 1 } });
  assert.equal(changes.length, 1);
});

test('what no one knows is left out, so that the default holds, and the change is named', () => {
  const { config: back, changes } = fitConfig(
    {
      version: 1,
      seed: -3,
      data: { id: 'moon' },
      model: { id: 'mlp', widths: 'wide', activation: 'magic' },
      sampler: { id: 'langevin', stepSize: null, adapt: 3, hmm: 1 },
      constructor: 5,
    },
    MANIFEST,
  );
  assert.deepEqual(back, { version: 1, seed: 0, model: { id: 'mlp' }, sampler: { id: 'langevin' } });
  assert.deepEqual(changes.map(({ field }) => field).sort(), [
    'constructor',
    'data',
    'model.activation',
    'model.widths',
    'sampler.adapt',
    'sampler.hmm',
    'sampler.stepSize',
    'seed',
  ]);
});

test('too many or too wide layers are cut to what fits', () => {
  const { config: back } = fitConfig(
    { version: 1, model: { id: 'mlp', widths: [9999, 0, 1, 1, 1, 1, 1, 1] } },
    MANIFEST,
  );
  assert.deepEqual(back.model.widths, [512, 1, 1, 1, 1, 1]);
});

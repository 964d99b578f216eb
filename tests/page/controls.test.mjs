// The logic of the generated controls: sliders, typed entry, which controls are in sight, and dials that are turned quickly.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDial } from '../../www/controls/dial.js';
import { obstacle } from '../../www/controls/obstacles.js';
import { FEW, panelGroups } from '../../www/controls/parameters.js';
import { fromPosition, middle, parseEntry, positions, toPosition, writeValue } from '../../www/controls/scale.js';
import { parameters, patchOf, settingOf } from '../../www/state/settings.js';
import { config, coreManifest, MANIFEST } from './manifest.mjs';

/** @type {Record<string, import('../../www/controls/scale.js').Range>} */
const RANGES = {
  linear: { min: -2, max: 5, scale: 'linear', whole: false },
  'linear, whole': { min: 0, max: 7, scale: 'linear', whole: true },
  'linear, whole, wide': { min: 0, max: 16_384, scale: 'linear', whole: true },
  log: { min: 1e-5, max: 1, scale: 'log', whole: false },
  'log, whole': { min: 1, max: 1000, scale: 'log', whole: true },
  'log from 0': { min: 0, max: 10, scale: 'log', whole: false },
  'log from 0, whole': { min: 0, max: 4096, scale: 'log', whole: true },
};

for (const [name, range] of Object.entries(RANGES)) {
  test(`a ${name} slider reaches both ends, grows with every position, and finds each of its values again`, () => {
    const last = positions(range);
    assert.ok(last >= 7 && last <= 241);
    assert.equal(fromPosition(0, range), range.min);
    assert.equal(fromPosition(last, range), range.max);
    for (let p = 0; p <= last; p++) {
      const value = fromPosition(p, range);
      if (range.whole) assert.ok(Number.isInteger(value));
      if (p > 0) assert.ok(value > fromPosition(p - 1, range));
      assert.equal(toPosition(value, range), p);
    }
    assert.equal(toPosition(range.max * 2, range), last);
    assert.equal(toPosition(range.min - 1, range), 0);
  });
}

test('a logarithmic slider spends its way evenly on the decades', () => {
  const range = RANGES.log;
  const share = (/** @type {number} */ value) => toPosition(value, range) / positions(range);
  for (const [i, value] of [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1].entries())
    assert.ok(Math.abs(share(value) - i / 5) <= 1.5 / positions(range));
});

test('the middle of a logarithmic slider is the geometric mean', () => {
  assert.ok(Math.abs(Math.log10(middle(RANGES.log)) + 2.5) < 0.05);
});

test('slider values have few digits', () => {
  for (const range of Object.values(RANGES))
    for (let p = 1; p < positions(range); p++)
      assert.ok(String(fromPosition(p, range)).replace(/e.*|[-.]|^-?0\.0*/g, '').length <= 5);
});

for (const [text, value] of /** @type {[string, number | string][]} */ ([
  ['0.02', 0.02],
  [' 1e-3 ', 1e-3],
  ['.5', 0.5],
  ['-2', -2],
  ['−2', -2],
  ['１２．５', 12.5],
  ['', ''],
  ['many', 'many'],
  ['1,5', '1,5'],
  ['Infinity', 'Infinity'],
  ['0x10', '0x10'],
])) {
  test(`typed ${JSON.stringify(text)} means ${JSON.stringify(value)}`, () => assert.equal(parseEntry(text), value));
}

test('values are written with at most five digits, and read back as what was written', () => {
  for (const [value, text] of /** @type {[number, string][]} */ ([
    [0.1 + 0.2, '0.3'],
    [0.35360678, '0.35361'],
    [1e-5, '1e-5'],
    [1.5e8, '1.5e8'],
    [0, '0'],
    [-12.5, '-12.5'],
  ])) {
    assert.equal(writeValue(value), text);
    assert.equal(parseEntry(text), Number(text));
  }
});

test('every part and every parameter of the config is in exactly one group', () => {
  const groups = panelGroups(MANIFEST, config());
  const items = groups.flatMap(({ seen, more }) => [...seen, ...more]);
  const menus = items.filter((item) => item.kind === 'menu').map((item) => item.section);
  assert.deepEqual(menus.sort(), ['data', 'model', 'objective', 'optimizer', 'sampler']);
  const params = items.flatMap((item) => (item.kind === 'param' ? [`${item.section}.${item.param.name}`] : []));
  assert.deepEqual(
    params.sort(),
    parameters(MANIFEST, config())
      .map(({ section, param }) => `${section}.${param.name}`)
      .sort(),
  );
});

test('a group shows its menu and its primary parameters, at most four controls; the rest are behind "more"', () => {
  const [, , sampler, training] = panelGroups(MANIFEST, config());
  const names = (/** @type {any[]} */ items) =>
    items.map((item) => (item.kind === 'menu' ? item.section : item.param.name));
  assert.deepEqual(names(sampler.seen), ['sampler', 'stepSize', 'noise', 'steps']);
  assert.deepEqual(names(sampler.more), ['particles', 'adapt']);
  assert.equal(sampler.seen.length, FEW);
  assert.deepEqual(names(training.seen), ['objective']);
  assert.ok(names(training.more).includes('optimizer'));
});

test('a part that the page has never heard of gets its controls from the manifest alone', () => {
  const manifest = structuredClone(MANIFEST);
  const param = {
    name: 'mass',
    kind: 'number',
    min: 0.1,
    max: 10,
    default: 1,
    group: 'sampler',
    scale: 'log',
    unit: 'kg',
    primary: true,
    live: true,
  };
  manifest.sections.sampler.push({ id: 'hmc', params: [param] });
  const changed = { ...config(), sampler: { id: 'hmc', mass: 2 } };
  const entry = parameters(manifest, changed).find((e) => e.param.name === 'mass');
  assert.equal(entry?.param.unit, 'kg');
  assert.equal(settingOf(changed, 'sampler', 'mass'), 2);
});

test('a patch names the section, except for what belongs to the session', () => {
  assert.deepEqual(patchOf('sampler', 'stepSize', 0.5), { sampler: { stepSize: 0.5 } });
  assert.deepEqual(patchOf('session', 'batch', 64), { batch: 64 });
});

test('a dial that is turned quickly sends one value at a time, and of those in between only the newest', async () => {
  /** @type {number[]} */
  const sent = [];
  /** @type {(() => void)[]} */
  const answers = [];
  const dial = createDial((/** @type {number} */ value) => {
    sent.push(value);
    return new Promise((resolve) => answers.push(() => resolve(undefined)));
  });
  const settled = [1, 2, 3, 4].map((value) => dial(value));
  assert.deepEqual(sent, [1]);
  answers[0]();
  await new Promise((later) => setImmediate(later));
  assert.deepEqual(sent, [1, 4]);
  answers[1]();
  await Promise.all(settled);
  const last = dial(5);
  assert.deepEqual(sent, [1, 4, 5]);
  answers[2]();
  await last;
});

test('what does not go together is named, with its reason', async () => {
  const manifest = await coreManifest();
  /** @param {string} data @param {string} model @returns {any} */
  const experiment = (data, model, objective = 'contrastive-divergence', sampler = 'langevin') => ({
    data: { id: data },
    model: { id: model },
    objective: { id: objective },
    sampler: { id: sampler },
    optimizer: { id: 'adam' },
  });
  const all = (/** @type {any} */ config, /** @type {import('../../www/engine/protocol.js').SectionName} */ section) =>
    manifest.sections[section]
      .map((/** @type {{id: string}} */ { id }) => [id, obstacle(manifest, config, section, id)])
      .filter((/** @type {(string | null)[]} */ [, why]) => why !== null);
  const ofImages = [
    ...['cnn', 'joint-cnn'].map((id) => [id, 'of.images']),
    ...['boltzmann-machine', 'hopfield'].map((id) => [id, 'of.patterns']),
    ['rbm', 'of.binary-patterns'],
  ];
  const ofScores = ['diffusion-mlp', 'score-mlp'].map((id) => [id, 'hasNoEnergy']);
  const inOrder = (/** @type {string[][]} */ list) => list.sort(([a], [b]) => (a < b ? -1 : 1));
  /** Those beside the networks of images and of scores, in the menu's order. @param {string[][]} list */
  const beside = (list) => inOrder([...ofImages, ...ofScores, ...list]);
  const ofNoise = ['annealed-langevin', 'ddim', 'ddpm', 'predictor-corrector', 'probability-flow'].map((id) => [
    id,
    'needs.noise',
  ]);
  const ofPixels = [
    ['block-gibbs', 'of.binary-patterns'],
    ['single-site-gibbs', 'of.patterns'],
  ];
  const ofLatent = [
    ...['ancestral', 'metropolis-within-gibbs'].map((id) => [id, 'needs.latent']),
    ['latent-langevin', 'needs.latentEnergy'],
  ];
  const plain = experiment('two-moons', 'mlp');
  assert.deepEqual(all(plain, 'data'), []);
  assert.deepEqual(all(plain, 'model'), beside([]));
  assert.deepEqual(all(plain, 'optimizer'), []);
  assert.deepEqual(all(plain, 'objective'), [
    ['cross-entropy', 'needs.classes'],
    ['evidence-lower-bound', 'needs.latent'],
    ['info-nce', 'needs.pairs'],
    ['joint-energy', 'needs.classes'],
    ['latent-maximum-likelihood', 'needs.latentEnergy'],
    ['multiscale-denoising-score-matching', 'needs.noise'],
    ['noise-prediction', 'needs.noise'],
    ['vicreg', 'needs.pairs'],
  ]);
  assert.deepEqual(all(plain, 'sampler'), inOrder([...ofNoise, ...ofPixels, ...ofLatent]));
  const none = [
    ['diffused', 'noMixture'],
    ['exact', 'noEnergy'],
    ['smoothed', 'noMixture'],
  ];
  assert.deepEqual(all(experiment('drawn', 'mlp'), 'model'), beside(none));
  assert.deepEqual(all(experiment('rings', 'exact'), 'data'), [['drawn', 'needsEnergy']]);
  assert.deepEqual(all(experiment('rings', 'exact'), 'sampler'), inOrder([...ofNoise, ...ofPixels, ...ofLatent]));
  for (const model of ['diffused', 'exact', 'smoothed'])
    for (const section of /** @type {const} */ (['objective', 'optimizer']))
      assert.equal(all(experiment('two-moons', model), section).length, manifest.sections[section].length);
  const noisy = experiment('two-moons', 'noise-conditional-mlp', 'multiscale-denoising-score-matching');
  for (const section of /** @type {const} */ (['data', 'optimizer']))
    assert.deepEqual(all(noisy, section), [], section);
  assert.deepEqual(all(noisy, 'sampler'), inOrder([...ofPixels, ...ofLatent]));
  assert.deepEqual(all(noisy, 'objective'), [
    ['cross-entropy', 'needs.classes'],
    ['evidence-lower-bound', 'needs.latent'],
    ['info-nce', 'needs.pairs'],
    ['joint-energy', 'needs.classes'],
    ['latent-maximum-likelihood', 'needs.latentEnergy'],
    ['vicreg', 'needs.pairs'],
  ]);
  const without = ['composed', 'joint-mlp', 'mlp'].map((id) => [id, 'knowsNo.noise']);
  const unable = (/** @type {string[][]} */ ...more) => inOrder([...ofImages, ...without, ...more]);
  assert.deepEqual(all(noisy, 'model'), unable(), 'beside the exact ones the rule rests; Langevin follows any score');
  const ruled = experiment('two-moons', 'score-mlp', 'multiscale-denoising-score-matching', 'ddim');
  const asking = all(ruled, 'objective');
  assert.ok(asking.every((/** @type {any[]} */ [, why]) => why === 'asksForEnergy'));
  assert.equal(asking.length, manifest.sections.objective.length - 2, 'all but the two of every noise level');
  const follow = [...ofNoise.map(([id]) => id), 'langevin', 'underdamped-langevin'];
  const kinds = manifest.sections.sampler.map((/** @type {{id: string}} */ { id }) => id);
  const others = kinds.filter((/** @type {string} */ id) => !follow.includes(id));
  assert.deepEqual(
    all(ruled, 'sampler'),
    others.map((/** @type {string} */ id) => ofPixels.find(([pixels]) => pixels === id) ?? [id, 'asksForEnergy']),
  );
  assert.deepEqual(all({ ...ruled, sampler: { id: 'mala' } }, 'model'), unable(...ofScores));
  const joint = experiment('two-moons', 'joint-mlp', 'joint-energy');
  assert.deepEqual(all(joint, 'sampler'), inOrder([...ofNoise, ...ofPixels, ...ofLatent]));
  const classless = ['composed', 'mlp', 'noise-conditional-mlp'].map((id) => [id, 'knowsNo.classes']);
  assert.deepEqual(all(joint, 'model'), beside(classless));
  const undivided = all(joint, 'data');
  assert.ok(undivided.length > 5 && undivided.every((/** @type {any[]} */ [, why]) => why === 'hasNoClasses'));
  const banana = all(experiment('banana', 'joint-mlp'), 'objective');
  assert.ok(banana.some((/** @type {any[]} */ [id, why]) => id === 'joint-energy' && why === 'noClasses'));
  const autoencoder = experiment('two-moons', 'vae', 'evidence-lower-bound', 'ancestral');
  assert.deepEqual(all(autoencoder, 'model'), beside([]), 'its rule and its sampler go with it');
  const ofEnergy = ['latent-langevin', 'needs.latentEnergy'];
  assert.deepEqual(all(autoencoder, 'sampler'), inOrder([...ofNoise, ...ofPixels, ofEnergy]));
  const tilted = experiment('two-moons', 'latent-ebm', 'latent-maximum-likelihood', 'latent-langevin');
  assert.deepEqual(all(tilted, 'model'), beside([]), 'its rule and its sampler go with it');
  const kernels = all(tilted, 'sampler').map((/** @type {any[]} */ [id, why]) => [id, why]);
  assert.ok(kernels.some((/** @type {any[]} */ [id, why]) => id === 'mala' && why === 'latentChains'));
  assert.ok(!kernels.some((/** @type {any[]} */ [id]) => id === 'latent-langevin'));
  const inPlace = all({ ...tilted, objective: { id: 'maximum-likelihood' }, sampler: { id: 'mala' } }, 'objective');
  assert.equal(new Map(inPlace).get('latent-maximum-likelihood'), 'needs.latentChains');
  const paired = experiment('two-moons', 'joint-embedding', 'vicreg');
  assert.deepEqual(all(paired, 'model'), beside([]), 'its rule goes with it');
  assert.ok(
    all(paired, 'objective').every((/** @type {any[]} */ [id]) => !['info-nce', 'maximum-likelihood'].includes(id)),
  );
  const annealed = experiment('two-moons', 'smoothed', 'contrastive-divergence', 'annealed-langevin');
  assert.deepEqual(all(annealed, 'model'), beside([...without, ['exact', 'knowsNo.noise']]));
  const mixtures = all(annealed, 'data').map((/** @type {any[]} */ [, why]) => why);
  assert.ok(mixtures.length > 5 && mixtures.every((/** @type {string} */ why) => why === 'isNoMixture'));
  const images = experiment('mnist', 'cnn');
  assert.deepEqual(all(images, 'data'), [], 'another density brings what is usual for it along');
  assert.ok(all(images, 'model').every((/** @type {any[]} */ [, why]) => String(why).startsWith('of.')));
  assert.deepEqual(
    all(images, 'objective')
      .filter((/** @type {any[]} */ [, why]) => why === 'of.plane')
      .map((/** @type {any[]} */ [id]) => id),
    ['finite-difference-score-matching', 'maximum-likelihood', 'noise-contrastive-estimation', 'score-matching'],
  );
  const onImages = all(images, 'sampler').map((/** @type {any[]} */ [id]) => id);
  assert.deepEqual(onImages, [
    'ancestral',
    'annealed-langevin',
    'block-gibbs',
    'ddim',
    'ddpm',
    'gibbs',
    'latent-langevin',
    'metropolis-within-gibbs',
    'parallel-tempering',
    'predictor-corrector',
    'probability-flow',
    'single-site-gibbs',
    'underdamped-langevin',
  ]);
  const machine = experiment('binary-mnist', 'rbm', 'persistent-contrastive-divergence', 'block-gibbs');
  const chosen = { model: 'rbm', objective: 'contrastive-divergence', sampler: 'block-gibbs' };
  for (const [section, id] of Object.entries(chosen)) {
    const why = new Map(all(machine, /** @type {any} */ (section)));
    assert.equal(why.get(id), undefined);
    assert.ok(
      why.size > 5 &&
        [...why.values()].every((/** @type {any} */ reason) => /^of\.|^needs\.(latent(Energy)?|pairs)$/.test(reason)),
      section,
    );
  }
  assert.deepEqual(
    all(machine, 'sampler').find((/** @type {any[]} */ [id]) => id === 'mala'),
    ['mala', 'of.plane-images'],
  );
});

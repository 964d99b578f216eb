// A manifest in small: one part of each kind that the page has to cope with, for tests that need no core; and the core's own.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';

/** @param {string} name @param {object} kind */
const param = (name, kind) => ({
  name,
  group: 'sampler',
  scale: 'linear',
  unit: '',
  primary: false,
  live: true,
  ...kind,
});

/** @type {any} */
export const MANIFEST = {
  version: 1,
  world: [-4, 4],
  sections: {
    data: [
      {
        id: 'rings',
        space: 'plane',
        params: [param('noise', { kind: 'number', min: 0.05, max: 0.5, default: 0.08, group: 'data' })],
      },
      { id: 'drawn', space: 'plane', params: [] },
    ],
    model: [
      {
        id: 'mlp',
        params: [
          param('widths', { kind: 'widths', min: 1, max: 512, most: 6, default: [128, 128], group: 'energy' }),
          param('activation', { kind: 'choice', choices: ['silu', 'relu'], default: 'silu', group: 'energy' }),
        ],
      },
    ],
    objective: [
      {
        id: 'contrastive-divergence',
        params: [param('weight', { kind: 'number', min: 0, max: 10, default: 0.05, group: 'training' })],
      },
    ],
    sampler: [
      {
        id: 'langevin',
        params: [
          param('stepSize', { kind: 'number', min: 1e-5, max: 1, default: 0.01, scale: 'log', primary: true }),
          param('noise', { kind: 'number', min: 0, max: 2, default: null, nullable: true, primary: true }),
          param('steps', { kind: 'integer', min: 1, max: 1000, default: 20, scale: 'log', primary: true }),
          param('adapt', { kind: 'boolean', default: false }),
        ],
      },
      { id: 'mala', params: [] },
    ],
    optimizer: [{ id: 'adam', params: [] }],
    session: {
      id: 'session',
      params: [
        param('batch', { kind: 'integer', min: 1, max: 8192, default: 256, group: 'training' }),
        param('particles', { kind: 'integer', min: 0, max: 16384, default: 512, primary: true }),
      ],
    },
  },
  metrics: [{ id: 'nll' }],
  scenes: [{ id: 'first' }, { id: 'second' }],
};

/** The defaults of MANIFEST. @returns {any} */
export const config = () => ({
  version: 1,
  seed: 7,
  data: { id: 'rings', noise: 0.08 },
  model: { id: 'mlp', widths: [128, 128], activation: 'silu' },
  objective: { id: 'contrastive-divergence', weight: 0.05 },
  sampler: { id: 'langevin', stepSize: 0.01, noise: null, steps: 20, adapt: false },
  optimizer: { id: 'adam' },
  batch: 256,
  particles: 512,
});

/** The manifest of the core as it is built for the page: the one with every part, or the one that the page opens with. */
export async function coreManifest({ first = false } = {}) {
  const [folder, stem] = first ? ['cpu', 'ebm'] : ['cpu-whole', 'whole'];
  const core = new URL(`../../www/pkg/${folder}/${stem}.js`, import.meta.url);
  assert.ok(existsSync(core), `www/pkg/${folder}/ holds no core; \`cargo xtask test --only wasm\` builds it.`);
  const { default: init, Engine } = await import(core.href);
  await init({ module_or_path: readFileSync(new URL(`${stem}_bg.wasm`, core)) });
  const engine = await Engine.create('wasm', '{}');
  return JSON.parse(engine.manifest());
}

// What two runs can differ in, and what the second one begins with.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { another, change, choices, differences, nameOf, valueIn } from '../../www/compare/difference.js';
import { coreManifest } from './manifest.mjs';

/** A config of these parts with every default. @param {any} manifest @param {Record<string, string>} parts @returns {any} */
function defaults(manifest, parts) {
  /** @type {any} */
  const config = { version: 1, seed: 1 };
  for (const [section, id] of Object.entries(parts)) {
    const part = manifest.sections[section].find((/** @type {any} */ one) => one.id === id);
    config[section] = { id, ...Object.fromEntries(part.params.map((/** @type {any} */ p) => [p.name, p.default])) };
  }
  for (const param of manifest.sections.session.params) config[param.name] = param.default;
  return config;
}

test('the second run differs in the one thing that was chosen, by a value that is accepted', async () => {
  const manifest = await coreManifest();
  for (const { id } of manifest.sections.objective)
    for (const sampler of ['langevin', 'hmc', 'gibbs']) {
      const model = id.startsWith('multiscale') ? 'noise-conditional-mlp' : 'mlp';
      const config = defaults(manifest, { data: 'rings', model, objective: id, sampler, optimizer: 'adam' });
      const all = differences(manifest, config);
      assert.equal(new Set(all.map(nameOf)).size, all.length, 'each is named once');
      assert.ok(
        all.every(({ section }) => section !== 'data'),
        'the points are the same',
      );
      for (const difference of all) {
        const [before, after] = [valueIn(config, difference), another(manifest, config, difference)];
        const label = `${id}, ${sampler}: ${nameOf(difference)} ${before} → ${after}`;
        const { param } = difference;
        const listed = choices(manifest, config, difference);
        if (listed !== null) assert.ok(listed.includes(after), label);
        else if (param !== null) {
          assert.ok(typeof after === 'number' && after >= (param.min ?? 0) && after <= (param.max ?? 0), label);
          if (param.kind === 'integer') assert.ok(Number.isInteger(after), label);
        }
        if (listed === null || listed.length > 1) assert.notEqual(after, before, label);
        const patch = JSON.stringify(change(difference, after));
        assert.ok(patch.includes(param === null ? `"${difference.section}":{"id":` : `"${param.name}":`), patch);
      }
    }
});

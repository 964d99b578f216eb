// The same seed and the same commands give the same run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACKENDS, load, unpackBytes, unpackFloats, withPage } from './page.mjs';
import { readSafetensors } from './safetensors.mjs';

/** A run with everything random in it: batches, data noise, replay buffer, sampler, edits in between. */
const run = (/** @type {import('./page.mjs').Backend} */ backend) =>
  withPage({ backend, paused: true }, async ({ page }) => {
    await load(page, {
      version: 1,
      seed: 42,
      data: { id: 'two-moons' },
      objective: { id: 'persistent-contrastive-divergence' },
      sampler: { id: 'langevin', steps: 5 },
      batch: 128,
    });
    const packed = await page.evaluate(async () => {
      const { loss } = await ebm.train(20);
      await ebm.movePoint(3, [0.5, -0.5]);
      await ebm.configure({ sampler: { stepSize: 0.02 } });
      await ebm.step('substep');
      await ebm.step('stage');
      await ebm.step('update');
      await ebm.train(10);
      await ebm.sample(10);
      const side = Array.from({ length: 16 }, (_, i) => -3.75 + i / 2);
      const grid = side.flatMap((y) => side.flatMap((x) => [x, y]));
      return {
        loss: pack(Float32Array.of(loss)),
        particles: pack(await ebm.particles()),
        data: pack(await ebm.data()),
        energy: pack(await ebm.energy(grid)),
        weights: pack(await ebm.exportWeights()),
        snapshot: pack(await ebm.snapshot()),
      };
    });
    return {
      loss: unpackFloats(packed.loss),
      particles: unpackFloats(packed.particles),
      data: unpackFloats(packed.data),
      energy: unpackFloats(packed.energy),
      weights: readSafetensors(unpackBytes(packed.weights)),
      snapshot: readSafetensors(unpackBytes(packed.snapshot)),
    };
  });

test('on the CPU backend two runs of one seed are equal to the last bit', async () => {
  const [first, second] = [await run('wasm'), await run('wasm')];
  for (const name of /** @type {const} */ (['loss', 'particles', 'data', 'energy'])) {
    assert.ok(first[name].length > 0, name);
    assert.deepEqual(second[name], first[name], name);
  }
  // Everything that the run consists of, by name: files list their fields in any order.
  for (const name of /** @type {const} */ (['weights', 'snapshot'])) {
    assert.ok(Object.keys(first[name].tensors).length > 0, name);
    assert.deepEqual(second[name], first[name], name);
  }
});

/**
 * One driver runs one shader the same way every time, but WebGPU promises no order of float operations across runs. Over
 * 31 updates a difference in the last bit of f32, 6e-8, grows by less than a factor of 1,000 in energies of order 1.
 */
const TOLERANCE = 1e-4;

test(`on WebGPU two runs of one seed agree to ${TOLERANCE}`, async () => {
  const [first, second] = [await run('webgpu'), await run('webgpu')];
  for (const name of /** @type {const} */ (['loss', 'particles', 'data', 'energy'])) {
    assert.equal(second[name].length, first[name].length);
    const apart = Math.max(...Array.from(first[name], (value, i) => Math.abs(value - second[name][i])));
    assert.ok(apart <= TOLERANCE, `${name} differ by ${apart}`);
  }
});

for (const backend of BACKENDS) {
  test(`on ${backend} another seed is another run, and reset is the same one`, async () => {
    await withPage({ backend, paused: true }, async ({ page }) => {
      await load(page, { version: 1, seed: 1, batch: 64 });
      const losses = await page.evaluate(async () => {
        const train = async () => (await ebm.train(3)).loss;
        const first = await train();
        await ebm.reset();
        await ebm.pause();
        const again = await train();
        await ebm.reseed(2);
        await ebm.pause();
        return [first, again, await train()];
      });
      assert.ok(Math.abs(losses[0] - losses[1]) <= TOLERANCE, `${losses}`);
      assert.ok(Math.abs(losses[0] - losses[2]) > TOLERANCE, `${losses}`);
    });
  });
}

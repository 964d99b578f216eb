// Latent variables whose prior an energy tilts: what the page says of them is what plain loops over the exported weights find.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACKENDS, withPage } from './page.mjs';
import { readSafetensors } from './safetensors.mjs';

/** @typedef {Record<string, {shape: number[], values: Float32Array}>} Tensors */

/** Layers of these tensors with tanh between them. @param {Tensors} tensors @param {string} name @param {number[]} x */
function network(tensors, name, x) {
  let h = x;
  for (let k = 0; `${name}.${k}.weight` in tensors; k++) {
    const [w, b] = [tensors[`${name}.${k}.weight`], tensors[`${name}.${k}.bias`]];
    const before = h;
    h = Array.from(b.values, (b, i) => before.reduce((sum, x, j) => sum + x * w.values[i * w.shape[1] + j], b));
    if (`${name}.${k + 1}.weight` in tensors) h = h.map(Math.tanh);
  }
  return h;
}

/** −ln p(x) of a model of the plane with two latent variables, by a grid twice as fine as the core's and wider. @param {Tensors} tensors @param {number} sigma */
function densityOf(tensors, sigma) {
  const [side, reach] = [120, 5];
  const nodes = Array.from({ length: side * side }, (_, k) => {
    const z = [k % side, Math.floor(k / side)].map((i) => reach * ((2 * i + 1) / side - 1));
    const [f] = network(tensors, 'prior', z);
    return { weight: Math.exp(-f - 0.5 * (z[0] ** 2 + z[1] ** 2)), mean: network(tensors, 'decoder', z) };
  });
  const total = nodes.reduce((sum, { weight }) => sum + weight, 0);
  return (/** @type {number[]} */ [x, y]) => {
    const at = nodes.reduce(
      (sum, { weight, mean }) =>
        sum + (weight / total) * Math.exp((-0.5 * ((x - mean[0]) ** 2 + (y - mean[1]) ** 2)) / sigma ** 2),
      0,
    );
    return -Math.log(at) + Math.log(2 * Math.PI * sigma ** 2);
  };
}

// Each update is some 1,300 dispatches, which take a second where the GPU is software.
for (const backend of BACKENDS) {
  const updates = backend === 'wasm' ? 150 : 30;
  test(`on ${backend} a tilted prior is learned, and its density is that of its weights`, async (t) => {
    await withPage({ backend, paused: true }, async ({ page, problems }) => {
      await page.evaluate(() => ebm.load('latent-prior'));
      await page.evaluate(() => ebm.pause());
      const found = await page.evaluate(async (updates) => {
        const before = await ebm.metrics();
        await ebm.train(updates);
        const x = Float32Array.from({ length: 20 }, (_, i) => 2 * Math.sin(1.7 * i));
        const z = Float32Array.from({ length: 10 }, (_, i) => 1.5 * Math.cos(2.3 * i));
        const chains = await ebm.latentChains((await ebm.data()).slice(0, 2000), 4);
        const told = (/** @type {any} */ { steps, places }) => ({
          steps,
          spread: places.map((/** @type {Float32Array} */ all) => all.reduce((sum, z) => sum + z * z, 0) / all.length),
          count: places.map((/** @type {Float32Array} */ all) => all.length),
        });
        return {
          before,
          after: await ebm.metrics(),
          x: [...x],
          z: [...z],
          energy: [...(await ebm.energy(x))],
          tilt: [...(await ebm.tilt(z))],
          decoded: [...(await ebm.decode(z))],
          chains: { posterior: told(chains.posterior), prior: told(chains.prior) },
          weights: [...(await ebm.exportWeights())],
          config: await ebm.config(),
        };
      }, updates);
      const { tensors } = readSafetensors(Uint8Array.from(found.weights));
      const energy = densityOf(tensors, found.config.model.deviation);
      for (let i = 0; i < 10; i++) {
        const wanted = energy(found.x.slice(2 * i, 2 * i + 2));
        // Far from what is decoded the sum hangs on few nodes, and the core's lie twice as far apart.
        assert.ok(Math.abs(found.energy[i] - wanted) < 2e-3 * (1 + Math.abs(wanted)), `${found.energy[i]} ${wanted}`);
      }
      for (let i = 0; i < 5; i++) {
        const z = found.z.slice(2 * i, 2 * i + 2);
        assert.ok(Math.abs(found.tilt[i] - network(tensors, 'prior', z)[0]) < 1e-4);
        const mean = network(tensors, 'decoder', z);
        assert.ok(mean.every((x, k) => Math.abs(x - found.decoded[2 * i + k]) < 1e-4));
      }
      t.diagnostic(`KL ${found.before.kl.toFixed(2)}, after ${updates} updates ${found.after.kl.toFixed(2)}`);
      assert.ok(found.after.kl < found.before.kl - 0.3 && Math.abs(found.after.logZ) < 1e-3);
      const { posterior, prior } = found.chains;
      assert.deepEqual([posterior.steps, prior.steps], [20, 60]);
      for (const { count, spread } of [posterior, prior]) {
        assert.deepEqual(count, new Array(5).fill(2000));
        // 2,000 draws of N(0, 1).
        assert.ok(Math.abs(spread[0] - 1) < 4 * Math.sqrt(2 / 2000), String(spread[0]));
      }
      // All three grains lead on, and back.
      for (const grain of /** @type {const} */ (['substep', 'stage', 'update'])) {
        const event = await page.evaluate((grain) => ebm.step(grain), grain);
        assert.equal(event.grain, grain);
      }
      await page.evaluate(() => ebm.back('update'));
      assert.deepEqual(problems, []);
    });
  });
}

test('the map shows the prior before and after, and chains that are scrubbed by key and played', async () => {
  await withPage({ backend: 'wasm', paused: true }, async ({ page, problems }) => {
    await page.evaluate(() => ebm.load('latent-prior'));
    await page.evaluate(() => ebm.pause());
    await page.evaluate(() => ebm.train(20));
    const panel = page.locator('ebm-latent-prior');
    const moment = panel.locator('input[type="range"]');
    await page.locator('ebm-latent-prior input:enabled').waitFor();
    const picture = () =>
      panel.locator('canvas').evaluate((/** @type {HTMLCanvasElement} */ canvas) => canvas.toDataURL());
    const output = () => panel.locator('.latent-moment').textContent();
    assert.equal(await output(), '100%');
    const end = await picture();
    await moment.focus();
    await page.keyboard.press('Home');
    assert.equal(await output(), '0%');
    await page.keyboard.press('ArrowRight');
    assert.equal(await output(), '5%');
    assert.notEqual(await picture(), end);
    await panel.getByRole('button', { name: 'Play' }).click();
    await page.waitForFunction(() => document.querySelector('ebm-latent-prior .latent-moment')?.textContent === '100%');
    assert.equal(await picture(), end, 'the end is the end');
    await panel.getByRole('button', { name: 'Untilted' }).click();
    const untilted = await picture();
    assert.notEqual(untilted, end);
    // Dragging the ring moves what is decoded in the plane.
    const box = await panel.locator('canvas').boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 4, box.y + box.height / 3, { steps: 4 });
    await page.mouse.up();
    await page.waitForFunction(() =>
      /z = −1\.6/.test(document.querySelector('ebm-latent-prior [role="status"]')?.textContent ?? ''),
    );
    // Others take the sampler's place together with the rule, and go with the model.
    await page.evaluate(() => ebm.configure({ model: 'mlp' }));
    await page.waitForFunction(() => document.querySelector('ebm-latent-prior') === null);
    assert.equal((await page.evaluate(() => ebm.config())).sampler.id, 'langevin');
    assert.deepEqual(problems, []);
  });
});

for (const backend of BACKENDS) {
  test(`on ${backend} trained weights bring digits and their map`, async () => {
    await withPage({ backend, paused: true }, async ({ page, problems }) => {
      await page.evaluate(() => ebm.load('digits-prior'));
      await page.evaluate(() => ebm.pause());
      await page.getByRole('button', { name: 'Trained weights' }).click();
      await page.locator('ebm-latent-prior input:enabled').waitFor();
      const found = await page.evaluate(async () => {
        await ebm.sample(60);
        const { pixels } = await ebm.images('held-out');
        const some = pixels.slice(0, 20 * 784);
        const chains = await ebm.latentChains(some, 1);
        const last = chains.posterior.places[1];
        const rebuilt = await ebm.decode(last);
        let [off, spread] = [0, 0];
        for (let i = 0; i < some.length; i++) {
          off += (rebuilt[i] - some[i]) ** 2;
          spread += (some[i] + 1) ** 2;
        }
        // Strange images: the same, upside down in their grey.
        const energy = await ebm.energy(some);
        const inverted = await ebm.energy(some.map((/** @type {number} */ x) => -x));
        const mean = (/** @type {Float32Array} */ all) => all.reduce((sum, e) => sum + e, 0) / all.length;
        return { left: off / spread, energy: mean(energy), inverted: mean(inverted) };
      });
      assert.ok(found.left < 0.35, `what chains find explains an image: ${found.left} of it is left`);
      assert.ok(found.energy + 1000 < found.inverted, JSON.stringify(found));
      assert.deepEqual(problems, []);
    });
  });
}

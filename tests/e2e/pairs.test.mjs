// Energies of pairs: what the page says of an embedding is what plain loops over its exported weights find, and the anchor is dragged.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACKENDS, until, withPage } from './page.mjs';
import { readSafetensors } from './safetensors.mjs';

/** @typedef {Record<string, {shape: number[], values: Float32Array}>} Tensors */

/** h(x) of length 1, of layers with SiLU between them. @param {Tensors} tensors @param {number[]} x */
function embedding(tensors, x) {
  let h = x;
  for (let k = 0; `embedding.${k}.weight` in tensors; k++) {
    const [w, b] = [tensors[`embedding.${k}.weight`], tensors[`embedding.${k}.bias`]];
    const before = h;
    h = Array.from(b.values, (b, i) => before.reduce((sum, x, j) => sum + x * w.values[i * w.shape[1] + j], b));
    if (`embedding.${k + 1}.weight` in tensors) h = h.map((x) => x / (1 + Math.exp(-x)));
  }
  const length = Math.hypot(...h);
  return h.map((x) => x / length);
}

/** Mean E of two views of each data point. */
const energyOfViews = async () => {
  const { embedding, temperature } = (await ebm.config()).model;
  const data = (await ebm.data()).slice(0, 400);
  const h = await ebm.embed(await ebm.views(data, 1));
  const g = await ebm.embed(await ebm.views(data, 2));
  const n = h.length / embedding;
  const squared = (/** @type {number} */ i, /** @type {number} */ j) =>
    Array.from({ length: embedding }, (_, k) => (h[i * embedding + k] - g[j * embedding + k]) ** 2).reduce(
      (sum, x) => sum + x,
    ) /
    (2 * temperature);
  let [views, strangers] = [0, 0];
  for (let i = 0; i < n; i++) {
    views += squared(i, i) / n;
    strangers += squared(i, (i + 77) % n) / n;
  }
  return { views, strangers };
};

for (const backend of BACKENDS) {
  test(`on ${backend} views become alike, and energies are those of the weights`, async (t) => {
    await withPage({ backend, paused: true }, async ({ page, problems }) => {
      await page.evaluate(() => ebm.load('contrastive-learning'));
      await page.evaluate(() => ebm.pause());
      // Calls begin in their order, also where one waits for what answers it.
      const order = await page.evaluate(async () => {
        /** @type {string[]} */
        const told = [];
        await Promise.all([
          ebm.views([0, 0]).then(() => told.push('views')),
          ebm.config().then(() => told.push('config')),
        ]);
        return told;
      });
      assert.deepEqual(order, ['views', 'config']);
      const before = await page.evaluate(energyOfViews);
      await page.evaluate(() => ebm.train(300));
      const after = await page.evaluate(energyOfViews);
      t.diagnostic(
        `views ${before.views.toFixed(3)} → ${after.views.toFixed(3)}, strangers ${after.strangers.toFixed(3)}`,
      );
      assert.ok(after.views < 0.3 * after.strangers && after.strangers > 2, JSON.stringify({ before, after }));
      const found = await page.evaluate(async () => {
        const x = Float32Array.from({ length: 20 }, (_, i) => 3 * Math.sin(1.7 * i));
        return {
          x: [...x],
          energy: [...(await ebm.energy(x))],
          embedded: [...(await ebm.embed(x))],
          views: [...(await ebm.views(new Float32Array(8000), 3))],
          model: (await ebm.config()).model,
          weights: [...(await ebm.exportWeights())],
        };
      });
      const { tensors } = readSafetensors(Uint8Array.from(found.weights));
      const { anchorX, anchorY, temperature, confinement } = found.model;
      const anchor = embedding(tensors, [anchorX, anchorY]);
      for (let i = 0; i < 10; i++) {
        const x = found.x.slice(2 * i, 2 * i + 2);
        const h = embedding(tensors, x);
        assert.ok(h.every((h, k) => Math.abs(h - found.embedded[2 * i + k]) < 1e-5));
        const squared = h.reduce((sum, h, k) => sum + (h - anchor[k]) ** 2, 0);
        const wanted = squared / (2 * temperature) + (x[0] ** 2 + x[1] ** 2) / (2 * confinement ** 2);
        assert.ok(Math.abs(found.energy[i] - wanted) < 1e-4, `${found.energy[i]} ${wanted}`);
      }
      // 8,000 draws of N(0, 0.3²).
      const variance = found.views.reduce((sum, x) => sum + x * x, 0) / 8000;
      assert.ok(Math.abs(variance / 0.09 - 1) < 4 * Math.sqrt(2 / 8000), String(variance));
      for (const grain of /** @type {const} */ (['substep', 'stage', 'update'])) {
        const event = await page.evaluate((grain) => ebm.step(grain), grain);
        assert.equal(event.grain, grain);
      }
      await page.evaluate(() => ebm.back('update'));
      assert.deepEqual(problems, []);
    });
  });
}

test('the anchor is dragged over the plot, moved by key, and chosen on the map', async () => {
  await withPage({ paused: true }, async ({ page, problems }) => {
    await page.evaluate(() => ebm.load('contrastive-learning'));
    await page.evaluate(() => ebm.pause());
    await page.evaluate(() => ebm.train(100));
    const handle = page.locator('.anchor-handle');
    await handle.waitFor();
    const [from, to] = await page.evaluate(
      async () => /** @type {[number, number][]} */ ([await ebm.toScreen([2.8, 0]), await ebm.toScreen([-2, 2])]),
    );
    await page.mouse.move(...from);
    await page.mouse.down();
    await page.mouse.move(...to, { steps: 5 });
    await page.mouse.up();
    const anchor = () => page.evaluate(async () => (await ebm.config()).model);
    await until(
      page,
      async () => {
        const { anchorX, anchorY } = (await ebm.config()).model;
        return Math.hypot(anchorX + 2, anchorY - 2) < 0.02;
      },
      null,
    );
    // No data point went along.
    const confined = await page.evaluate(async () => {
      const { anchorX, anchorY } = (await ebm.config()).model;
      return (await ebm.energy([anchorX, anchorY]))[0] - (anchorX ** 2 + anchorY ** 2) / 32;
    });
    assert.ok(Math.abs(confined) < 1e-5, `the energy of the anchor with itself is ${confined}`);
    const { anchorX } = await anchor();
    await handle.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    await until(page, async (x) => Math.abs((await ebm.config()).model.anchorX - x - 0.11) < 1e-6, anchorX);
    // On the map a point is chosen, which becomes the anchor.
    const measured = () => !/–/.test(document.querySelector('ebm-pairs .figures dd')?.textContent ?? '–');
    await page.waitForFunction(measured);
    const map = page.locator('ebm-pairs .latent-map');
    await map.scrollIntoViewIfNeeded();
    const box = await map.boundingBox();
    assert.ok(box);
    await page.mouse.click(box.x + box.width / 2, box.y + 0.02 * box.height);
    await until(
      page,
      async () => {
        const { anchorX, anchorY } = (await ebm.config()).model;
        const data = await ebm.data();
        for (let i = 0; i < 1000; i += 2)
          if (Math.abs(data[i] - anchorX) < 1e-6 && Math.abs(data[i + 1] - anchorY) < 1e-6) return true;
        return false;
      },
      null,
    );
    // By key, to the next point in a direction.
    const chosen = await anchor();
    await map.focus();
    await page.keyboard.press('ArrowRight');
    await until(page, async (x) => (await ebm.config()).model.anchorX !== x, chosen.anchorX);
    const stepped = await anchor();
    await page.locator('ebm-pairs').getByRole('button', { name: 'Another anchor' }).click();
    await until(page, async (x) => (await ebm.config()).model.anchorX !== x, stepped.anchorX);
    const figures = () => page.locator('ebm-pairs .figures dd').allTextContents();
    const views = (await figures())[0];
    await page.locator('ebm-pairs').getByRole('button', { name: 'Other views' }).click();
    await page.waitForFunction((old) => document.querySelector('ebm-pairs .figures dd')?.textContent !== old, views);
    // Other rules make no views, and the panel goes with the model.
    await page.evaluate(() => ebm.configure({ objective: 'denoising-score-matching' }));
    await page.waitForFunction(() => document.querySelector('ebm-pairs .figures dd')?.textContent === '–');
    await assert.rejects(
      page.evaluate(() => ebm.views([0, 0])),
      /expected a rule of views, such as info-nce/,
    );
    await page.evaluate(() => ebm.configure({ model: 'mlp' }));
    await page.waitForFunction(() => document.querySelector('ebm-pairs, .anchor-handle') === null);
    assert.deepEqual(problems, []);
  });
});

test('an embedding collapses, and is mended', async () => {
  await withPage({ paused: true }, async ({ page, problems }) => {
    await page.evaluate(() => ebm.load('collapsed-embedding'));
    await page.evaluate(() => ebm.pause());
    const deviation = async () => (await page.evaluate(async () => (await ebm.train(600)).parts)).deviation;
    // √(Var + 10⁻⁴) of a point is .01.
    assert.ok((await deviation()) < 0.03);
    await page.locator('.exhibit button').click();
    await until(page, async () => (await ebm.config()).objective.variance === 25, null);
    assert.ok((await deviation()) > 0.7);
    assert.deepEqual(problems, []);
  });
});

test('digits are found alike without their labels, and chosen as the anchor', async () => {
  await withPage({ paused: true }, async ({ page, problems }) => {
    await page.evaluate(() => ebm.load('digits-without-labels'));
    await page.evaluate(() => ebm.pause());
    await page.evaluate(() => ebm.train(60));
    const row = (/** @type {string} */ name) => page.locator('.pairs-row', { hasText: name });
    /** What is least and most unlike the anchor of the first 500 held-out images, which is the first of them. */
    const { near, far } = await page.evaluate(async () => {
      const { pixels } = await ebm.images('held-out');
      const energy = [...(await ebm.energy(pixels.slice(0, 500 * 784)))];
      const order = energy.map((_, i) => i).sort((a, b) => energy[a] - energy[b]);
      const told = (/** @type {number} */ i) => ({ i, energy: energy[i] });
      return { near: order.slice(0, 7).map(told), far: order.slice(-6).reverse().map(told) };
    });
    assert.equal(near[0].i, 0, 'the anchor is most like itself');
    const wanted = [...near.slice(1), ...far].map(({ energy }) => energy);
    await until(
      page,
      async (wanted) => {
        const told = [...document.querySelectorAll('.pairs-row:nth-of-type(n + 2) span')].map((span) =>
          Number(span.textContent),
        );
        // Three digits.
        return told.length === 12 && told.every((energy, i) => Math.abs(energy - wanted[i]) < 0.006 * (1 + wanted[i]));
      },
      wanted,
    );
    await row('Most alike').locator('button').first().click();
    await until(page, async (i) => (await ebm.config()).model.anchor === i, near[1].i);
    // Trained weights tell the classes of most neighbours, and the samples fool them.
    await page.getByRole('button', { name: 'Trained weights' }).click();
    await until(
      page,
      async () => {
        const neighbours = [...document.querySelectorAll('ebm-pairs .figures dd')].at(-1)?.textContent ?? '';
        return Number.parseFloat(neighbours) > 85 && (await ebm.config()).model.temperature === 0.1;
      },
      null,
    );
    const energies = await page.evaluate(async () => {
      await ebm.startParticles('data');
      const mean = async () => {
        const energy = await ebm.energy(await ebm.particles());
        return energy.reduce((/** @type {number} */ sum, /** @type {number} */ e) => sum + e) / energy.length;
      };
      const before = await mean();
      await ebm.sample(200);
      return { before, after: await mean() };
    });
    assert.ok(energies.before > 4 && energies.after < 2, JSON.stringify(energies));
    assert.deepEqual(problems, []);
  });
});

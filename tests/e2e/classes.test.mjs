// A joint energy model on the page: classes of points and places, which follow the points when they are dragged.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACKENDS, load, withPage } from './page.mjs';

for (const backend of BACKENDS) {
  test(`on ${backend} a joint energy tells two moons apart and shows their classes`, async () => {
    await withPage({ backend, paused: true }, async ({ page, problems }) => {
      assert.equal((await page.evaluate(() => ebm.classify([0, 0]))).length ?? 0, 0, 'a plain energy knows no classes');
      await load(page, {
        version: 1,
        seed: 2,
        data: { id: 'two-moons', count: 400 },
        model: { id: 'joint-mlp', classes: 2, widths: [32, 32] },
        objective: { id: 'joint-energy' },
        sampler: { id: 'langevin', steps: 2 },
        optimizer: { id: 'adam', learningRate: 0.005 },
        batch: 128,
        particles: 32,
      });
      const { parts } = await page.evaluate(() => ebm.train(150));
      assert.ok(parts.accuracy > 0.97 && parts.crossEntropy < 0.2, JSON.stringify(parts));
      const told = await page.evaluate(async () => {
        const labels = await ebm.labels();
        const shares = await ebm.classify(await ebm.data());
        let right = 0;
        for (let i = 0; i < labels.length; i++) right += Number(Number(shares[2 * i + 1] > 0.5) === labels[i]);
        return { count: labels.length, shares: shares.length, right };
      });
      assert.deepEqual([told.count, told.shares], [400, 800]);
      assert.ok(told.right >= 388, `${told.right} of 400`);
      // The tint is drawn, in two colours, and goes with the rule.
      await page.waitForSelector('.class-key span:nth-of-type(2)');
      await page.waitForFunction(() => {
        const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector('.surface-classes'));
        const copy = new OffscreenCanvas(64, 64).getContext('2d', { willReadFrequently: true });
        copy?.drawImage(canvas, 0, 0);
        const data = copy?.getImageData(0, 0, 64, 64).data ?? [];
        const seen = new Set();
        for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 60) seen.add(data[i + 2] > data[i]);
        return seen.size === 2;
      });
      await page.evaluate(() => ebm.configure({ objective: { id: 'contrastive-divergence' } }));
      await page.waitForSelector('.surface-classes', { state: 'detached' });
      assert.deepEqual(problems, []);
    });
  });
}

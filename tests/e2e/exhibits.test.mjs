// Scenes that fail on purpose do so, say why, and are mended by their button.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until, withPage } from './page.mjs';

test('an exhibit goes wrong as it says, and its button mends it', async () => {
  await withPage({ paused: true }, async ({ page, problems }) => {
    await page.locator('ebm-header select.scene').selectOption('steps-too-long');
    const exhibit = page.locator('.exhibit');
    await exhibit.waitFor();
    assert.equal((await page.evaluate(() => ebm.config())).sampler.stepSize, 0.2);
    await page.evaluate(() => ebm.pause());
    const failure = await page.evaluate(() => ebm.train(200).catch((/** @type {Error} */ error) => error.message));
    assert.match(`${failure}`, /exploding/);
    // By pointer: its text comes with the explanations.
    await exhibit.hover();
    await page.waitForFunction(() => (document.querySelector('.exhibit p')?.textContent ?? '').length > 80);
    await exhibit.locator('button').click();
    await until(page, async () => (await ebm.config()).sampler.stepSize === 0.02, null);
    assert.equal(await exhibit.locator('button').isDisabled(), true);
    const { loss } = await page.evaluate(() => ebm.train(100));
    assert.ok(Number.isFinite(loss));
    await page.evaluate(() => ebm.load('eight-gaussians'));
    assert.equal(await exhibit.count(), 0);
    assert.deepEqual(problems, []);
  });
});

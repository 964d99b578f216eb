// Two runs side by side: the same start, one clock, and one thing that differs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withPage } from './page.mjs';

test('two runs differ in one thing, share a clock, and begin anew when it changes', async () => {
  await withPage({ paused: true }, async ({ page, problems }) => {
    await page.evaluate(() =>
      ebm.load({
        version: 1,
        seed: 3,
        data: { id: 'two-moons', count: 300 },
        model: { id: 'mlp', widths: [16, 16] },
        batch: 64,
      }),
    );
    await page.mouse.move(200, 200);
    await page.getByRole('button', { name: 'Compare two runs …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Compare two runs' });
    const button = (/** @type {string} */ name) => dialog.getByRole('button', { name, exact: true });
    const value = (/** @type {string} */ side) => dialog.getByLabel(`${side}: `, { exact: false });
    const reached = (/** @type {number} */ n) =>
      page.waitForFunction(
        (least) =>
          Number(document.querySelector('ebm-compare .round-count b')?.textContent?.replaceAll(',', '')) >= least,
        n,
      );

    await reached(40);
    await button('Pause').click();
    assert.equal(await value('A').locator('option:checked').textContent(), 'Noise-contrastive estimation');
    assert.equal(await value('B').locator('option:checked').textContent(), 'Contrastive divergence');

    // The same value on both sides is the same run.
    await value('B').selectOption({ label: 'Noise-contrastive estimation' });
    await page.waitForFunction(() => document.querySelector('ebm-compare .round-count b')?.textContent === '0');
    await button('Play').click();
    await reached(30);
    await button('Pause').click();
    await page.waitForFunction(() => {
      const shown = [...document.querySelectorAll('ebm-compare dd')].map((figure) => figure.textContent);
      return shown.length === 4 && shown[0] === shown[2] && shown[1] === shown[3] && shown[0] !== '–';
    });

    // A dial: the second run gets another value, and may be given any that is accepted.
    await dialog.getByLabel('They differ in').selectOption('optimizer.learningRate');
    await page.waitForFunction(() => document.querySelector('ebm-compare .round-count b')?.textContent === '0');
    assert.equal(await value('A').inputValue(), '0.001');
    assert.equal(await value('B').inputValue(), '0.004');
    await value('B').fill('7');
    await value('B').press('Enter');
    await dialog.getByText('optimizer.learningRate: 7 is not accepted', { exact: false }).waitFor();
    await value('B').fill('0.01');
    await value('B').press('Enter');
    await button('Play').click();
    await reached(30);
    await button('Pause').click();
    await page.waitForFunction(() => {
      const [, a, , b] = [...document.querySelectorAll('ebm-compare dd')].map((figure) => Number(figure.textContent));
      return Number.isFinite(a) && Number.isFinite(b) && a !== b;
    });

    // Closed while it plays, and opened again: two new runs, and nothing left of the old ones.
    await button('Play').click();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Compare two runs …' }).click();
    await reached(20);
    assert.equal(await page.locator('.compare-plot .surface-heat').count(), 2);
    assert.equal(await page.locator('.compare-plot .surface-overlay').count(), 2);

    // Closed, nothing of it goes on, and the page is as it was.
    await dialog.getByRole('button', { name: 'Close' }).click();
    await dialog.waitFor({ state: 'hidden' });
    assert.equal((await page.evaluate(() => ebm.config())).objective.id, 'noise-contrastive-estimation');
    assert.equal((await page.evaluate(() => ebm.train(1))).update, 1);
    assert.deepEqual(problems, []);
  });
});

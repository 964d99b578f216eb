// The dialog that looks closer: every question is asked as a visitor would, and the page's own run does not notice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACKENDS, load, unpackFloats, withPage } from './page.mjs';

const PERSISTENT = {
  version: 1,
  seed: 3,
  data: { id: 'two-moons', count: 300 },
  model: { id: 'mlp', widths: [16, 16] },
  objective: { id: 'persistent-contrastive-divergence', bufferSize: 200 },
  sampler: { id: 'langevin', steps: 5, stepSize: 0.01 },
  batch: 64,
  particles: 100,
};

/** Opens the dialog at a question. @param {import('playwright-core').Page} page @param {string} name Of its tab. */
async function ask(page, name) {
  await page.mouse.move(200, 200);
  if (!(await page.locator('ebm-examine dialog[open]').count()))
    await page.getByRole('button', { name: 'Look closer …' }).click();
  await page.getByRole('tab', { name }).click();
  return page.getByRole('tabpanel', { name });
}

/** A figure of the panel by its label. @param {import('playwright-core').Locator} panel @param {string} label @param {number} [nth] */
const figure = async (panel, label, nth = 0) =>
  Number((await panel.locator('dl div', { hasText: label }).nth(nth).locator('dd').textContent())?.replace('−', '-'));

test('the push ledger carries out an update and tells who asked for it, the same on both backends', async () => {
  /** @type {Record<string, Float32Array>[]} */
  const told = [];
  for (const backend of BACKENDS) {
    await withPage({ backend, paused: true }, async ({ page, problems }) => {
      await load(page, PERSISTENT);
      await page.evaluate(() => ebm.train(5));
      const packed = await page.evaluate(async () => {
        const x = Array.from({ length: 200 }, (_, i) => -3 + 0.03 * i);
        return Object.entries(await ebm.pushes(x)).map(([name, values]) => [name, pack(values)]);
      });
      told.push(Object.fromEntries(packed.map(([name, text]) => [name, unpackFloats(text)])));
      const panel = await ask(page, 'Who pushed');
      await panel.getByText('Update 6', { exact: false }).waitFor();
      await panel.getByRole('button', { name: '+10', exact: true }).click();
      await panel.getByText('Update 16', { exact: false }).waitFor();
      await page.waitForFunction(() => !document.querySelector('ebm-pushes button[disabled]'));
      assert.ok((await figure(panel, 'Data pull down')) > 0 && (await figure(panel, 'The comparison pushes up')) > 0);
      await page.keyboard.press('Escape');
      // A rule that asks the data alone says so.
      await page.evaluate(() => ebm.configure({ objective: { id: 'score-matching' } }));
      const alone = await ask(page, 'Who pushed');
      await alone.getByRole('button', { name: '+1', exact: true }).click();
      await alone.getByText('asks the data alone', { exact: false }).waitFor();
      assert.deepEqual(problems, []);
    });
  }
  const [a, b] = told;
  for (const name of ['data', 'model', 'change']) {
    const size = Math.max(...a[name].map(Math.abs));
    assert.ok(size > 0);
    a[name].forEach((value, i) => {
      assert.ok(Math.abs(value - b[name][i]) < 1e-3 * size, `${name} ${i}: ${value} and ${b[name][i]}`);
    });
  }
});

test('the buffer shows its chains, and a click follows one', async () => {
  await withPage({ paused: true }, async ({ page, problems }) => {
    await load(page, PERSISTENT);
    await page.evaluate(() => ebm.train(20));
    const panel = await ask(page, 'Replay buffer');
    await panel.getByText('200 chains').waitFor();
    await panel.getByText('Click next to a chain', { exact: false }).waitFor();
    await panel.locator('.map').click();
    await page.evaluate(() => ebm.train(40));
    await page.waitForFunction(() => document.querySelector('ebm-buffer polyline'));
    assert.ok((await figure(panel, 'Age in updates')) > 0);
    await page.evaluate(() => ebm.load('eight-gaussians'));
    await page.keyboard.press('Escape');
    await (await ask(page, 'Replay buffer')).getByText('There is no buffer', { exact: false }).waitFor();
    assert.deepEqual(problems, []);
  });
});

test('long runs walk aside, and a cold sampler is called one', async () => {
  await withPage({ paused: true }, async ({ page, problems }) => {
    await load(page, { ...PERSISTENT, sampler: { id: 'langevin', steps: 5, stepSize: 0.02, noise: 0.02 } });
    await page.evaluate(() => ebm.train(30));
    const before = await page.evaluate(async () => pack(await ebm.snapshot()));
    const panel = await ask(page, 'Short and long runs');
    await panel.getByText('make a temperature of 0.010', { exact: false }).waitFor();
    await panel.getByRole('button', { name: 'Walk' }).click();
    await page.waitForFunction(
      () =>
        document.querySelectorAll('ebm-runs section').length === 3 &&
        !document.querySelector('ebm-runs button[disabled]'),
    );
    await panel.getByRole('heading', { name: '500 steps' }).waitFor();
    const energies = [
      await figure(panel, 'Mean E', 0),
      await figure(panel, 'Mean E', 1),
      await figure(panel, 'Mean E', 2),
    ];
    assert.ok(energies[0] > energies[1] && energies[1] > energies[2], `they descend: ${energies}`);
    assert.ok((await page.evaluate(async () => pack(await ebm.snapshot()))) === before, 'the run went on');
    assert.deepEqual(problems, []);
  });
});

test('the law of unadjusted Langevin is as far from N(0, I) as theory says, and that of MALA is not', async () => {
  await withPage({ paused: true }, async ({ page, problems }) => {
    await load(page, { version: 1, seed: 2, data: { id: 'gaussian' }, model: { id: 'exact' }, particles: 10 });
    const panel = await ask(page, 'What a step costs');
    await panel.getByRole('spinbutton').fill('0.5');
    await panel.getByRole('button', { name: 'Measure both laws' }).click();
    await page.waitForFunction(() => document.querySelectorAll('ebm-laws .map-key').length === 2, null, {
      timeout: 120_000,
    });
    // N(0, 4/3 I) against N(0, I): both densities meet at r² = 8 ln 4/3, and differ by exp(−3r²/8) − exp(−r²/2) beyond it.
    const expected = Math.exp(-3 * Math.log(4 / 3)) - Math.exp(-4 * Math.log(4 / 3));
    const [unadjusted, adjusted] = [
      await figure(panel, 'Total variation', 0),
      await figure(panel, 'Total variation', 1),
    ];
    const chance = [await figure(panel, 'By chance', 0), await figure(panel, 'By chance', 1)];
    // Chance adds at most itself, and cells average over a fifth of a standard deviation, which takes a hundredth away.
    assert.ok(Math.abs(unadjusted - expected) < chance[0], `${unadjusted}, expected ${expected}, chance ${chance[0]}`);
    assert.ok(adjusted < 1.5 * chance[1], `${adjusted}, chance ${chance[1]}`);
    assert.ok(Math.abs((await figure(panel, 'Acceptance')) - 0.8759) < 0.006);
    assert.deepEqual(problems, []);
  });
});

test('energies are composed, held and kept, and the samples follow', async () => {
  await withPage({ paused: true }, async ({ page, problems }) => {
    // N(0, I) and N(0, I): their product is N(0, I/2), at T = 2 it is N(0, I) again.
    await load(page, { version: 1, seed: 2, data: { id: 'gaussian' }, model: { id: 'exact' }, particles: 10 });
    const panel = await ask(page, 'Energy algebra');
    const logZ = async () =>
      Number((await panel.locator('.figure').textContent())?.replace('ln Z ', '').replace('−', '-'));
    const settled = () =>
      page.waitForFunction(() => document.querySelector('ebm-algebra .maps[aria-busy="false"] .figure'));
    await settled();
    await panel.getByLabel('Second energy', { exact: true }).selectOption({ label: 'Gaussian' });
    await settled();
    // ∫ N(x; 0, I)² dx = 1/(4π).
    assert.ok(Math.abs((await logZ()) + Math.log(4 * Math.PI)) < 0.01, `ln Z ${await logZ()}`);
    await panel.getByLabel('Temperature T').fill('2');
    await panel.getByLabel('Temperature T').press('Enter');
    await page.waitForFunction(() => {
      const text = document.querySelector('ebm-algebra .figure')?.textContent ?? '';
      return Math.abs(Number(text.replace('ln Z ', '').replace('−', '-'))) < 0.001;
    });
    await panel.getByLabel('Hold x').fill('1.5');
    await panel.getByLabel('Hold x').press('Enter');
    await page.waitForFunction(() => {
      const { samples } = /** @type {any} */ (document.querySelector('ebm-algebra'));
      return (
        samples.length === 1024 &&
        samples.every((/** @type {number} */ v, /** @type {number} */ i) => i % 2 === 1 || v === 1.5)
      );
    });
    // A network, kept, beside itself: an equal mixture of a density with itself is twice it, which is all that changes.
    await page.keyboard.press('Escape');
    await load(page, { ...PERSISTENT, objective: { id: 'noise-contrastive-estimation' } });
    await page.evaluate(() => ebm.train(50));
    await ask(page, 'Energy algebra');
    await settled();
    await panel.getByRole('button', { name: 'Keep this network' }).click();
    await panel.getByText('Kept: the network on Two moons', { exact: false }).waitFor();
    await panel.getByLabel('Second energy', { exact: true }).selectOption({ label: 'The kept network' });
    await panel.getByLabel('Operation').selectOption({ label: 'OR (mixture)' });
    await page.waitForFunction(() => {
      const text = document.querySelector('ebm-algebra .figure')?.textContent ?? '';
      return Math.abs(Number(text.replace('ln Z ', '')) - Math.LN2) < 0.002;
    });
    // Beside a network of other layers it cannot stand.
    await page.keyboard.press('Escape');
    await load(page, { ...PERSISTENT, model: { id: 'mlp', widths: [8] } });
    await ask(page, 'Energy algebra');
    await panel.getByText('is built differently (Layer widths)', { exact: false }).waitFor();
    await settled();
    assert.equal(await panel.getByRole('option', { name: 'The kept network' }).count(), 0);
    assert.deepEqual(problems, []);
  });
});

for (const backend of BACKENDS) {
  test(`on ${backend} every proof holds for an energy whose samples have met`, async () => {
    await withPage({ backend, paused: true }, async ({ page, problems }) => {
      await load(page, {
        ...PERSISTENT,
        data: { id: 'gaussian', count: 300 },
        objective: { id: 'persistent-contrastive-divergence', bufferSize: 200 },
        sampler: { id: 'mala', steps: 5, stepSize: 0.3, adapt: false },
        particles: 512,
      });
      await page.evaluate(() => ebm.train(60));
      const panel = await ask(page, 'Proofs');
      await panel.getByRole('button', { name: 'Check now' }).click();
      const sentence = backend === 'webgpu' ? '10 of 10 hold' : '8 of 8 hold';
      await panel.getByText(sentence).waitFor({ timeout: 120_000 });
      assert.equal(await panel.getByText('not available in this browser').count(), backend === 'webgpu' ? 0 : 1);
      assert.deepEqual(problems, []);
    });
  });
}

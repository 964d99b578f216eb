// Experiments on images: they open, learn, are filmed, and take files of the visitor's own.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { BACKENDS, until, withPage } from './page.mjs';

/** A small experiment on digits. */
const SMALL = {
  data: { id: 'mnist' },
  model: { id: 'cnn', size: 'small' },
  objective: { id: 'persistent-contrastive-divergence', bufferSize: 256 },
  sampler: { id: 'clipped-langevin', steps: 4 },
  batch: 16,
  particles: 16,
};
const PACKED = (/** @type {string} */ name) =>
  readFileSync(new URL(`../../www/pkg/mnist/${name}.idx.packed`, import.meta.url));

for (const backend of BACKENDS) {
  test(`on ${backend} digits are fetched, learned and walked, and the plane comes back`, async () => {
    await withPage({ backend, paused: true }, async ({ page, problems, fetched }) => {
      const addresses = () => [...fetched.keys()].filter((name) => name.includes('.packed')).length;
      assert.equal(addresses(), 0, 'a first visit fetches no images');
      await page.evaluate((config) => ebm.load(config), SMALL);
      assert.equal(addresses(), 2);
      await page.evaluate(() => ebm.pause());
      const found = await page.evaluate(async () => {
        const { pixels, labels } = await ebm.images('held-out');
        const x = pixels.slice(0, 784);
        const before = (await ebm.energy(x))[0];
        const { update, loss } = await ebm.train(3);
        const particles = await ebm.particles();
        const score = await ebm.score(x);
        return {
          counts: [pixels.length / 784, labels.length, new Set(labels).size],
          within: pixels.every((/** @type {number} */ p) => p >= -1 && p <= 1),
          update,
          loss,
          moved: (await ebm.energy(x))[0] !== before,
          particles: [particles.length, Math.min(...particles), Math.max(...particles)],
          slope: Math.hypot(...score),
        };
      });
      assert.deepEqual(found.counts, [1000, 1000, 10]);
      assert.ok(found.within && found.moved && Number.isFinite(found.loss) && found.slope > 0);
      assert.equal(found.update, 3);
      assert.equal(found.particles[0], 16 * 784);
      assert.ok(found.particles[1] >= -1 && found.particles[2] <= 1);
      const refused = await page.evaluate(() =>
        ebm.configure({ model: 'mlp' }).catch((/** @type {Error} */ e) => e.message),
      );
      assert.match(refused, /model.id: mlp is not accepted; expected cnn/);
      await page.locator('#gallery canvas').first().waitFor();
      assert.equal(await page.locator('#plot').isVisible(), false);
      await page.evaluate(() => ebm.load('two-moons'));
      await page.locator('#plot').waitFor();
      assert.equal(await page.locator('#gallery').count(), 0);
      assert.equal((await page.evaluate(() => ebm.data())).length === undefined, false);
      assert.deepEqual(problems, []);
    });
  });
}

test('the trained weights make digits of noise, filmed step by step', async () => {
  await withPage({ paused: true }, async ({ page, problems }) => {
    await page.evaluate(() => ebm.load('mnist'));
    await page.evaluate(() => ebm.pause());
    const gallery = page.locator('#gallery');
    const output = gallery.locator('output');
    await gallery.getByRole('button', { name: 'Load trained weights' }).click();
    await page.waitForFunction(() => / 100$/.test(document.querySelector('#gallery output')?.textContent ?? ''), null, {
      timeout: 120_000,
    });
    // From noise downhill: the first pictures are noise, the last ones nearly black.
    const mean = async () => {
      const canvas = gallery.locator('.gallery-sheet canvas');
      return canvas.evaluate((/** @type {HTMLCanvasElement} */ sheet) => {
        const copy = new OffscreenCanvas(sheet.width, sheet.height).getContext('2d', { willReadFrequently: true });
        if (copy === null) throw new Error('no canvas');
        copy.drawImage(sheet, 0, 0);
        const { data } = copy.getImageData(0, 0, sheet.width, sheet.height);
        return data.filter((_, i) => i % 4 === 0).reduce((sum, level) => sum + level, 0) / (data.length / 4);
      });
    };
    const last = await mean();
    await gallery.locator('input[type=range]').fill('0');
    assert.equal(await output.textContent(), '0 / 100');
    const first = await mean();
    assert.ok(first > 90 && last < 80, `${first} ${last}`);
    // A chain is chosen by pointer and by key.
    const heading = gallery.locator('h3');
    await gallery.locator('.gallery-sheet').click({ position: { x: 5, y: 5 } });
    assert.match(`${await heading.textContent()}`, /^Sample 1E/);
    await gallery.locator('.gallery-sheet').press('ArrowRight');
    await page.waitForFunction(() => /^Sample 2E = \d/.test(document.querySelector('#gallery h3')?.textContent ?? ''));
    await page.waitForFunction(() => document.querySelectorAll('.gallery-energies path').length === 3);
    const area = `${await gallery.locator('.gallery-area').textContent()}`;
    assert.ok(Number(area.replace(/.*: /, '')) >= 0.99, area);
    // The visitor's own strange images: these digits themselves, which nothing tells from held-out ones. Of 128 each the area is
    // within four standard errors, 4 √(257 / (12 · 128²)), of a half.
    const menu = gallery.locator('.gallery-legend select');
    const chosen = page.waitForEvent('filechooser');
    await menu.selectOption('files');
    await (await chosen).setFiles({ name: 'digits', mimeType: '', buffer: PACKED('images') });
    await page.waitForFunction(() => {
      const area = Number(document.querySelector('.gallery-area')?.textContent?.replace(/.*: /, ''));
      return Math.abs(area - 0.5) < 0.145;
    });
    const again = page.waitForEvent('filechooser');
    await menu.selectOption('noise');
    await page.waitForFunction(() => /: (1|0.99\d*)$/.test(document.querySelector('.gallery-area')?.textContent ?? ''));
    await menu.selectOption('files');
    await (await again).setFiles({ name: 'damaged', mimeType: '', buffer: Buffer.from('no images') });
    await page.getByText(/^images: /).waitFor();
    assert.equal(await menu.inputValue(), 'noise');
    // Training goes on without a film.
    await page.evaluate(() => ebm.train(1));
    await page.waitForFunction(() => document.querySelector('#gallery output')?.textContent === '–');
    assert.deepEqual(problems, []);
  });
});

test('a drawing has an energy, and samples start from it', async () => {
  await withPage({ paused: true }, async ({ page, problems }) => {
    await page.evaluate((config) => ebm.load(config), SMALL);
    await page.evaluate(() => ebm.pause());
    const gallery = page.locator('#gallery');
    await gallery.locator('.gallery-area').waitFor();
    await gallery.locator('.gallery-tools button').first().click();
    const pad = page.locator('ebm-pad dialog');
    const told = pad.locator('.pad-energy');
    assert.match(`${await told.textContent()}`, /Nothing is drawn/);
    const paper = await pad.locator('.pad-paper').boundingBox();
    if (paper === null) throw new Error('no paper');
    await page.mouse.move(paper.x + 60, paper.y + 40);
    await page.mouse.down();
    await page.mouse.move(paper.x + 200, paper.y + 40, { steps: 8 });
    await page.mouse.move(paper.x + 110, paper.y + 230, { steps: 8 });
    await page.mouse.up();
    await page.waitForFunction(() => /^E = .*held-out/.test(document.querySelector('.pad-energy')?.textContent ?? ''));
    await pad.locator('.actions button').first().click();
    await page.waitForFunction(() => / \d+$/.test(document.querySelector('#gallery output')?.textContent ?? ''));
    // All of them are one image, seven strokes of ink on black.
    await gallery.locator('.gallery-film button').first().click();
    await gallery.locator('input[type=range]').fill('0');
    const start = await page.evaluate(() => {
      const sheet = /** @type {HTMLCanvasElement} */ (document.querySelector('#gallery .gallery-sheet canvas'));
      const copy = new OffscreenCanvas(sheet.width, sheet.height).getContext('2d', { willReadFrequently: true });
      if (copy === null) throw new Error('no canvas');
      copy.drawImage(sheet, 0, 0);
      const image = (/** @type {number} */ i) =>
        copy.getImageData(29 * i, 0, 28, 28).data.filter((_, k) => k % 4 === 0);
      return {
        same: image(0).every((level, k) => level === image(5)[k]),
        bright: image(0).filter((level) => level > 200).length,
      };
    });
    assert.ok(start.same && start.bright > 30 && start.bright < 250, JSON.stringify(start));
    // An energy that knows classes says which one the drawing has.
    assert.equal(await pad.locator('.pad-classes').count(), 0);
    await page.evaluate(() =>
      ebm.configure({ model: { id: 'joint-cnn', size: 'small' }, objective: { id: 'cross-entropy' } }),
    );
    await gallery.locator('.gallery-tools button').first().click();
    const bars = pad.locator('.pad-classes li');
    await bars.first().waitFor();
    const shares = await bars.evaluateAll((all) => all.map((bar) => Number(bar.style.getPropertyValue('--share'))));
    assert.equal(shares.length, 10);
    assert.ok(Math.abs(shares.reduce((sum, share) => sum + share) - 1) < 1e-5, `${shares}`);
    assert.equal(await pad.locator('[data-likeliest]').count(), 1);
    assert.deepEqual(problems, []);
  });
});

test('samples keep what is not hidden of a digit, and a map shows the energy between three', async () => {
  await withPage({ paused: true }, async ({ page, problems }) => {
    await page.evaluate((config) => ebm.load(config), SMALL);
    await page.evaluate(() => ebm.pause());
    const gallery = page.locator('#gallery');
    await gallery.locator('.gallery-area').waitFor();
    await gallery.getByRole('button', { name: 'Hide and fill in' }).click();
    const repair = page.locator('ebm-repair dialog');
    await repair.getByText('392 of 784 pixels are hidden').waitFor();
    await repair.getByRole('button', { name: 'Nothing' }).click();
    assert.ok(await repair.getByRole('button', { name: 'Fill it in' }).isDisabled());
    // A tap hides a spot, the keyboard another one, and a stroke more pixels, which the samples may then change.
    const paper = await repair.locator('canvas').boundingBox();
    if (paper === null) throw new Error('no paper');
    const count = async () => Number(/(\d+) of 784/.exec(`${await repair.locator('.pad-energy').textContent()}`)?.[1]);
    await page.mouse.click(paper.x + 100, paper.y + 140);
    const spot = await count();
    assert.ok(spot > 10 && spot < 30, `${spot}`);
    await repair.locator('.repair-desk').focus();
    for (let i = 0; i < 6; i++) await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Space');
    assert.equal(await count(), 2 * spot);
    await page.mouse.move(paper.x + 100, paper.y + 140);
    await page.mouse.down();
    await page.mouse.move(paper.x + 180, paper.y + 140, { steps: 4 });
    await page.mouse.up();
    const hidden = await count();
    assert.ok(hidden > 2 * spot && hidden < 140, `${hidden}`);
    await repair.getByRole('button', { name: 'Fill it in' }).click();
    await gallery.getByText(`${784 - hidden} of 784 pixels`).waitFor();
    await page.waitForFunction(() => / [3-9]$/.test(document.querySelector('#gallery output')?.textContent ?? ''));
    await gallery.locator('.gallery-film button').first().click();
    const kept = await page.evaluate(async () => {
      const digit = (await ebm.images('held-out')).pixels.slice(0, 784);
      const all = /** @type {Float32Array} */ (await ebm.particles());
      const same = (/** @type {number} */ i) => all.slice(0, 16 * 784).every((x, k) => k % 784 !== i || x === digit[i]);
      return { same: Array.from({ length: 784 }, (_, i) => i).filter(same).length, first: digit[0] };
    });
    assert.equal(kept.same, 784 - hidden);
    // Another dial leaves the film's images and what they are held against, a start anew does not.
    const original = gallery.locator('canvas[data-tile=hidden]');
    await original.waitFor();
    await page.evaluate(() => ebm.configure({ sampler: { stepSize: 5 } }));
    await page.waitForTimeout(500);
    assert.ok(await original.isVisible());
    await page.evaluate(() => ebm.startParticles('noise'));
    assert.equal((await page.evaluate(() => ebm.particles()))[0], kept.first, 'wherever they are put');
    await gallery.getByRole('button', { name: 'Let go' }).click();
    await original.waitFor({ state: 'detached' });
    await gallery.locator('.gallery-held').waitFor({ state: 'detached' });
    // The plane through three digits, then the one along the film.
    await gallery.getByRole('button', { name: 'Energy on a plane' }).click();
    const plane = page.locator('ebm-plane dialog');
    await plane.locator('.map-key i').waitFor();
    const labels = await plane.locator('.plane-name').allTextContents();
    assert.equal(new Set(labels).size, 3, `${labels}`);
    await plane.locator('.map').click({ position: { x: 90, y: 60 } });
    assert.match(`${await plane.locator('[data-picked]').textContent()}`, /E = /);
    await plane.getByRole('button', { name: 'The way of sample 1' }).click();
    await plane.locator('.plane-name', { hasText: 'start' }).waitFor();
    await plane.locator('.map-key i').waitFor();
    // Now is a corner of the map.
    assert.match(`${await plane.getByRole('status').textContent()}`, /sample 1, .*: it is 0(\.0\d*)? away/);
    assert.deepEqual(problems, []);
  });
});

test('some classes alone are learned, and the samples follow their energies as one composes them', async () => {
  await withPage({ paused: true }, async ({ page, problems }) => {
    await page.evaluate((config) => ebm.load(config), {
      ...SMALL,
      model: { id: 'joint-cnn', size: 'small' },
      objective: { id: 'joint-energy', bufferSize: 256 },
    });
    await page.evaluate(() => ebm.pause());
    const gallery = page.locator('#gallery');
    const classes = page.locator('ebm-set');
    await gallery.getByText('9,000 images are learned').waitFor();
    for (const digit of ['0', '1', '2', '4', '5', '6', '7', '9'])
      await classes.getByRole('button', { name: digit, exact: true }).click();
    await until(page, async () => `${(await ebm.config()).data.classes}` === '3,8', null);
    const labels = await page.evaluate(async () => [...new Set((await ebm.images('training')).labels)].sort());
    assert.deepEqual(labels, [3, 8]);
    await gallery.getByText(/^1,7\d\d images are learned/).waitFor();
    assert.match(await page.evaluate(() => ebm.link()), /data\.classes=3x8/);
    // The chosen sample has a class, and the samples follow what is composed.
    assert.equal(await gallery.locator('.pad-classes li').count(), 10);
    await gallery.getByRole('button', { name: 'Compose' }).click();
    const mixer = page.locator('ebm-mixer dialog');
    await mixer.getByRole('button', { name: '3 and 8' }).click();
    await mixer.getByLabel('E(x, 8)').fill('-9');
    await mixer.getByLabel('E(x, 8)').press('Tab');
    assert.equal(await mixer.locator('.pad-energy').textContent(), '0.5 E(x, 3) − 3 E(x, 8)');
    await mixer.getByRole('button', { name: 'Sample it from noise' }).click();
    await gallery.getByText('The samples follow 0.5 E(x, 3) − 3 E(x, 8).').waitFor();
    await page.waitForFunction(() => / [3-9]$/.test(document.querySelector('#gallery output')?.textContent ?? ''));
    await gallery.locator('.gallery-film button').first().click();
    await gallery.getByRole('button', { name: 'Follow E(x) again' }).click();
    await gallery.getByText('The samples follow').waitFor({ state: 'detached' });
    const refused = await page.evaluate(() => ebm.mixClasses([1]).catch((/** @type {Error} */ e) => e.message));
    assert.equal(refused, 'weights: 1 numbers is not accepted; expected 11 numbers.');
    assert.deepEqual(problems, []);
  });
});

test('the trained energy of digits and classes makes the digit that one asks for', async () => {
  await withPage({ paused: true }, async ({ page, problems }) => {
    await page.evaluate(() => ebm.load('digits-and-classes'));
    await page.evaluate(() => ebm.pause());
    const gallery = page.locator('#gallery');
    const filmed = () =>
      page.waitForFunction(() => / 100$/.test(document.querySelector('#gallery output')?.textContent ?? ''), null, {
        timeout: 120_000,
      });
    await gallery.getByRole('button', { name: 'Load trained weights' }).click();
    await gallery.getByRole('button', { name: 'Stop filming' }).click();
    await gallery.getByRole('button', { name: 'Compose' }).click();
    const mixer = page.locator('ebm-mixer dialog');
    await mixer.getByRole('button', { name: 'A 3', exact: true }).click();
    await mixer.getByRole('button', { name: 'Sample it from noise' }).click();
    await filmed();
    const shares = await page.evaluate(async () => {
      const all = await ebm.classify(await ebm.particles());
      return Array.from(all.filter((/** @type {number} */ _, /** @type {number} */ i) => i % 10 === 3));
    });
    assert.equal(shares.length, 64);
    const mean = shares.reduce((sum, share) => sum + share) / shares.length;
    assert.ok(mean > 0.95, `${mean}`);
    assert.deepEqual(problems, []);
  });
});

test('files of the visitor are learned, damaged ones refused with a sentence, and a restart keeps them', async () => {
  await withPage({ paused: true }, async ({ page, problems }) => {
    const images = gunzipSync(PACKED('images'));
    const some = Buffer.concat([images.subarray(0, 4), Buffer.from([0, 0, 0, 50]), images.subarray(8, 16 + 50 * 784)]);
    const load = (/** @type {Buffer} */ bytes) =>
      page.evaluate(async (text) => {
        const raw = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
        return ebm.loadImages(raw).catch((/** @type {Error} */ error) => error.message);
      }, bytes.toString('base64'));
    assert.match(`${await load(some.subarray(0, 3000))}`, /^images: only 2984 bytes behind the header/);
    assert.equal((await page.evaluate(() => ebm.config())).data.id, 'eight-gaussians', 'nothing has changed');
    assert.equal(await load(some), 50);
    const counted = () => page.evaluate(async () => (await ebm.images('training')).pixels.length / 784);
    assert.equal(await counted(), 45);
    await page.evaluate(() => ebm.pause());
    const { update } = await page.evaluate(() => ebm.train(1));
    // Time for a checkpoint.
    await page.waitForTimeout(4000);
    await page.evaluate(() => ebm.faults.killWorker());
    await until(page, async () => (await ebm.images('training').catch(() => null)) !== null, null, 60_000);
    assert.equal(await counted(), 45);
    assert.ok((await page.evaluate(() => ebm.train(1))).update >= update, 'from the last checkpoint on');
    assert.deepEqual(problems, []);
  });
});

// The page opens on a live scene, without a word in the console, on the backend that it names. How soon and how large is
// measured by `cargo xtask bench page`, not here: a time says as much about the machine's neighbours.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACKENDS, withPage } from './page.mjs';

for (const backend of BACKENDS) {
  test(`on ${backend} the first scene moves, trains and says nothing in the console`, async () => {
    await withPage({ backend }, async ({ page, problems }) => {
      assert.equal(await page.evaluate(() => ebm.backend), backend);
      const [before, after] = await page.evaluate(async () => {
        const before = await ebm.particles();
        await new Promise((later) => setTimeout(later, 2000));
        return [Array.from(before), Array.from(await ebm.particles())];
      });
      assert.equal(before.length, after.length);
      assert.ok(before.length >= 2 * 512);
      assert.ok(before.every(Number.isFinite) && after.every(Number.isFinite));
      assert.notDeepEqual(before, after);
      assert.deepEqual(problems, []);
    });
  });
}

test('a browser with a software GPU alone gets the CPU backend unless WebGPU is asked for', async () => {
  await withPage({ backend: 'webgpu', query: 'backend=auto' }, async ({ page }) => {
    assert.equal(await page.evaluate(() => ebm.backend), 'wasm');
  });
});

for (const [what, options] of Object.entries({
  'a query that no one knows': { query: 'lang=xx&backend=quantum' },
  'a broken fragment': { fragment: '1/learning/%%%' },
  'a fragment of another version': { fragment: '99/seed=7/end' },
  'a fragment with values out of range': { fragment: '1/seed=7/sampler=langevin/sampler.stepSize=1000/end' },
})) {
  test(`${what} leaves a live page that says so, and no error in the console`, async () => {
    await withPage(options, async ({ page, problems }) => {
      const loss = await page.evaluate(() => ebm.train(1).then((/** @type {any} */ done) => done.loss));
      assert.ok(Number.isFinite(loss));
      assert.ok((await page.locator('[role=status], [role=alert]').filter({ hasText: /\S/ }).count()) > 0);
      assert.deepEqual(problems, []);
    });
  });
}

for (const lang of ['ja', 'ko']) {
  test(`the page speaks ${lang} to a browser that does`, async () => {
    await withPage({ lang }, async ({ page, problems }) => {
      assert.equal(await page.evaluate(() => document.documentElement.lang), lang);
      const text = await page.evaluate(() => document.body.innerText);
      assert.match(text, lang === 'ja' ? /\p{Script=Hiragana}/u : /\p{Script=Hangul}/u);
      assert.deepEqual(problems, []);
    });
  });
}

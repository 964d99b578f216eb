// Every objective × sampler × density that the page offers, on both backends: 50 updates (20 steps where nothing is learned)
// each, without a problem, and with the names that were asked for. Too many for every run of the tests, which take them one by
// one (`rules`, `kernels`): `cargo xtask bench combinations` runs it.
import { BACKENDS, load, networkFor, withPage } from './page.mjs';

const asked = process.argv.indexOf('--backend');
const backends = asked < 0 ? BACKENDS : BACKENDS.filter((name) => name === process.argv[asked + 1]);
let failed = 0;

const say = (/** @type {string} */ line) => process.stdout.write(`${line}\n`);

/** @param {Record<string, string>} wanted */
const shown = (wanted) =>
  Object.fromEntries(
    Object.keys(wanted).map((section) => {
      const menu = /** @type {HTMLSelectElement} */ (document.querySelector(`[aria-labelledby="menu-${section}"]`));
      return [section, menu.value];
    }),
  );

for (const backend of backends) {
  await withPage({ backend, paused: true }, async ({ page, problems }) => {
    const { sections } = await page.evaluate(() => ebm.manifest());
    let done = 0;
    const begin = Date.now();
    /** @param {Record<string, string>} parts @param {number} updates */
    const run = async (parts, updates) => {
      const { data, model, objective, sampler } = parts;
      try {
        const network = objective ? { widths: [8, 8], ...(model === 'joint-mlp' ? { classes: 32 } : {}) } : {};
        await load(page, {
          version: 1,
          seed: 5,
          data: { id: data, ...(data === 'drawn' ? {} : { count: 200 }) },
          model: { id: model, ...network },
          ...(objective ? { objective: { id: objective } } : {}),
          sampler: { id: sampler, steps: 2 },
          batch: 32,
          particles: 32,
        });
        if (data === 'drawn') await page.evaluate(() => ebm.addPoints([0, 0, 1, 1, -1, 1, 1, -1]));
        const { loss } = await page.evaluate((n) => ebm.train(n), updates);
        // A run that the guard has stopped says so with an error; a loss is a number wherever something is learned.
        if (objective && !Number.isFinite(loss)) throw new Error(`loss ${loss}`);
        const names = await page.evaluate(shown, parts);
        if (JSON.stringify(names) !== JSON.stringify(parts)) throw new Error(`shows ${JSON.stringify(names)}`);
        if (problems.length > 0) throw new Error(problems.splice(0).join('; '));
      } catch (error) {
        failed++;
        say(`${backend} ${JSON.stringify(parts)}: ${error instanceof Error ? error.message : error}`);
      }
      done++;
    };
    // Images have tests of their own (`images`).
    const planar = sections.data.filter((/** @type {any} */ { space }) => space === 'plane');
    for (const { id: data, hasEnergy, isMixture, classes } of planar)
      for (const { id: sampler, needs, needsEnergy, spaces } of sections.sampler) {
        if (!spaces.includes('plane')) continue;
        for (const rule of sections.objective) {
          // No energy knows both, and some points have no classes: the menus say so.
          if ((rule.needs && needs && rule.needs !== needs) || (rule.needs === 'classes' && classes < 2)) continue;
          // Chains of latent variables are those of one sampler.
          if (rule.needs === 'latentEnergy' && needs !== rule.needs) continue;
          await run({ data, model: networkFor(rule.needs ?? needs), objective: rule.id, sampler }, 50);
          if (rule.needs === 'noise' && !needsEnergy)
            for (const model of ['score-mlp', 'diffusion-mlp'])
              await run({ data, model, objective: rule.id, sampler }, 50);
        }
        if (hasEnergy && needs === null) await run({ data, model: 'exact', sampler }, 20);
        if (isMixture && !needs?.startsWith('latent'))
          for (const model of ['smoothed', 'diffused']) await run({ data, model, sampler }, 20);
      }
    say(`${backend}: ${done} combinations in ${Math.round((Date.now() - begin) / 1000)} s`);
  });
}
say(failed === 0 ? 'All as asked.' : `${failed} failed.`);
process.exit(failed === 0 ? 0 : 1);

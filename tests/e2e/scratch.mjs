// node scratch.mjs [--minutes 10] [--backend wasm] [--batch 64]: trains the small network on digits from random weights, as a visitor would, and
// prints every half minute how far it is, what the page holds and its longest task; at the end it saves the page and the chains.
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { countInWorker, growth, meter } from './meter.mjs';
import { BACKENDS, unpackFloats, withPage } from './page.mjs';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    backend: { type: 'string', default: 'wasm' },
    batch: { type: 'string', default: '64' },
  },
});
const minutes = Number(values.minutes);
if (!(minutes >= 1)) throw new Error(`--minutes: ${values.minutes} is not accepted; expected a number of at least 1.`);
const backend = BACKENDS.find((name) => name === values.backend);
if (!backend) throw new Error(`--backend: ${values.backend} is not accepted; expected ${BACKENDS.join(' or ')}.`);
const APART = 30;
/** Readings from one look at the energies to the next: two thousand images take their time on a software adapter. */
const LOOK_EVERY = 8;
/** Seconds after which what is held should no longer grow. */
const WARM_UP = 90;
/** Milliseconds of a task that a visitor notices. */
const LONG = 50;
const OUTPUT = new URL('./output/', import.meta.url);
const CONFIG = { data: { id: 'mnist' }, model: { id: 'cnn', size: 'small' }, batch: Number(values.batch) };

/** @param {string} line */
const say = (line) => process.stdout.write(`${line}\n`);
const megabytes = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(1).padStart(8);

/** The share of pairs of which the first is higher, ties by half. @param {ArrayLike<number>} high @param {ArrayLike<number>} low */
function area(high, low) {
  let pairs = 0;
  for (const a of Array.from(high)) for (const b of Array.from(low)) pairs += a > b ? 1 : a === b ? 0.5 : 0;
  return pairs / (high.length * low.length);
}

/** Runs in the page: energies of held-out digits and of noise. */
async function look() {
  const { pixels } = await ebm.images('held-out');
  const noise = Float32Array.from({ length: pixels.length }, () => 2 * Math.random() - 1);
  return { energy: pack(await ebm.energy(pixels)), noise: pack(await ebm.energy(noise)) };
}

say('seconds, updates, AUROC of noise, MB of page heap, worker heap, wasm, GPU; longest task in ms');
await withPage(
  { backend, prepare: countInWorker, viewport: { width: 1280, height: 800 } },
  async ({ page, problems }) => {
    const { read } = await meter(page);
    await page.evaluate((config) => ebm.load(config), CONFIG);
    await page.locator('#gallery h3').waitFor();
    await page.evaluate(() => {
      const notes = /** @type {any} */ (globalThis);
      notes.__tasks = [];
      new PerformanceObserver((list) =>
        notes.__tasks.push(...list.getEntries().map(({ duration }) => duration)),
      ).observe({
        type: 'longtask',
      });
      return ebm.play();
    });
    const begun = Date.now();
    const readings = [];
    let longest = 0;
    let last = Number.NaN;
    for (let at = APART; at <= 60 * minutes; at += APART) {
      await new Promise((later) => setTimeout(later, begun + 1000 * at - Date.now()));
      // What is looked at is no part of what a visitor does: its own tasks are not counted.
      const tasks = await page.evaluate(() => /** @type {any} */ (globalThis).__tasks.splice(0));
      longest = Math.max(longest, ...tasks);
      const { update } = await page.evaluate(() => ebm.metrics());
      const looks = (at / APART) % LOOK_EVERY === 0 || at + APART > 60 * minutes;
      if (looks) {
        const seen = await page.evaluate(look);
        last = area(unpackFloats(seen.noise), unpackFloats(seen.energy));
      }
      const reading = await read();
      await page.evaluate(() => /** @type {any} */ (globalThis).__tasks.splice(0));
      if (at >= WARM_UP) readings.push(reading);
      const sizes = [reading.pageHeap, reading.workerHeap, reading.wasm, reading.gpuBytes].map(megabytes).join('');
      const task = Math.max(0, ...tasks)
        .toFixed(0)
        .padStart(6);
      const seen = looks ? last.toFixed(4) : '      ';
      say(`${String(at).padStart(6)}${String(update).padStart(7)}  ${seen}${sizes}${task}`);
    }
    mkdirSync(OUTPUT, { recursive: true });
    await page.evaluate(() => ebm.pause());
    await page.evaluate(() => ebm.startParticles('buffer'));
    await page.waitForTimeout(3000);
    writeFileSync(new URL('scratch.png', OUTPUT), await page.screenshot());
    const faults = [...growth(readings).map((what) => `grew: ${what}`), ...problems];
    if (longest > LONG) faults.push(`a task of ${longest.toFixed(0)} ms`);
    if (!(last >= 0.99)) faults.push(`AUROC ${last.toFixed(4)}`);
    for (const fault of faults) say(fault);
    if (faults.length > 0) process.exitCode = 1;
    say('The page with chains of the buffer: tests/e2e/output/scratch.png');
  },
);

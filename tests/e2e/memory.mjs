// node memory.mjs [--minutes 10]: trains at full speed on each backend and prints what the page holds, every ten seconds.
import { parseArgs } from 'node:util';
import { countInWorker, growth, meter } from './meter.mjs';
import { BACKENDS, withPage } from './page.mjs';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const minutes = Number(values.minutes);
if (!(minutes > 1)) throw new Error(`--minutes: ${values.minutes} is not accepted; expected a number above 1.`);
const APART = 10;
const WARM_UP = 60;

/** @param {string} line */
const say = (line) => process.stdout.write(`${line}\n`);
const megabytes = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(2).padStart(9);

for (const backend of BACKENDS) {
  say(`${backend}: seconds, MB of page heap, worker heap, wasm, GPU; GPU buffers`);
  await withPage({ backend, prepare: countInWorker }, async ({ page, problems }) => {
    const { read } = await meter(page);
    await page.evaluate(() => ebm.play());
    const begun = Date.now();
    const readings = [];
    for (let at = APART; at <= 60 * minutes; at += APART) {
      await new Promise((later) => setTimeout(later, begun + 1000 * at - Date.now()));
      const reading = await read();
      if (at >= WARM_UP) readings.push(reading);
      const sizes = [reading.pageHeap, reading.workerHeap, reading.wasm, reading.gpuBytes].map(megabytes).join('');
      say(`${String(at).padStart(6)}${sizes}${String(reading.gpuBuffers).padStart(6)}`);
    }
    const faults = [...growth(readings).map((what) => `grew: ${what}`), ...problems];
    for (const fault of faults) say(fault);
    if (faults.length > 0) process.exitCode = 1;
    else say('flat after the first minute');
  });
}

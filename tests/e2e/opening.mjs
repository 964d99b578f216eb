// node opening.mjs [--rounds 5]: opens the page in cold profiles, the backends in turn, and prints when it was live and what it
// fetched, against the budgets. Exits with 1 where one is passed.
import { parseArgs } from 'node:util';
import { BACKENDS, withPage } from './page.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const rounds = Number(values.rounds);
if (!(rounds >= 1)) throw new Error(`--rounds: ${values.rounds} is not accepted; expected a number from 1.`);

/** Milliseconds from navigation to the live scene, and gzip bytes of a first visit. */
const READY = 1500;
const FIRST_VISIT = 300_000;

/** @param {string} line */
const say = (line) => process.stdout.write(`${line}\n`);
/** @type {Map<string, number[]>} */
const times = new Map(BACKENDS.map((backend) => [backend, []]));
/** @type {Map<string, number>} */
const sizes = new Map();

for (let round = 0; round < rounds; round++) {
  for (const backend of BACKENDS) {
    await withPage({ backend }, async ({ page, readyAt, fetched }) => {
      // What the live scene needs beside its first frame comes right behind it.
      await page.waitForTimeout(2000);
      times.get(backend)?.push(Math.round(readyAt));
      sizes.set(
        backend,
        [...fetched.values()].reduce((sum, size) => sum + size, 0),
      );
    });
  }
}
let within = true;
for (const backend of BACKENDS) {
  const sorted = (times.get(backend) ?? []).toSorted((a, b) => a - b);
  const median = sorted[sorted.length >> 1];
  const bytes = sizes.get(backend) ?? Number.POSITIVE_INFINITY;
  within &&= median <= READY && bytes <= FIRST_VISIT;
  say(
    `${backend}: live after ${median} ms (${sorted.join(', ')}; budget ${READY}), ${bytes} bytes gzip (budget ${FIRST_VISIT})`,
  );
}
process.exitCode = within ? 0 : 1;

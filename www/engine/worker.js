/** The worker: the core's wasm behind the host. */

import cpuCore from '../pkg/cpu/ebm_bg.wasm.deflated?url';
import cpuWhole from '../pkg/cpu-whole/whole_bg.wasm.deflated?url';
import gpuCore from '../pkg/gpu/ebm_bg.wasm.deflated?url';
import gpuWhole from '../pkg/gpu-whole/whole_bg.wasm.deflated?url';
import mnistImages from '../pkg/mnist/images.idx.packed?url';
import mnistLabels from '../pkg/mnist/labels.idx.packed?url';
import { suited } from './backend.js';
import { fetchWhole } from './fetching.js';
import { createHost } from './host.js';

/** @import {Backend, BackendChoice} from './protocol.js' */
/** @import {Core} from './core.js' */

/** The first core of each backend, with which a page opens, and the one with every part. */
const CORES = {
  wasm: [
    { address: cpuCore, glue: () => import('../pkg/cpu/ebm.js') },
    { address: cpuWhole, glue: () => import('../pkg/cpu-whole/whole.js') },
  ],
  webgpu: [
    { address: gpuCore, glue: () => import('../pkg/gpu/ebm.js') },
    { address: gpuWhole, glue: () => import('../pkg/gpu-whole/whole.js') },
  ],
};

/** Milliseconds that a core may take: a connection that has stalled must not hold up the worker for good. */
const PATIENCE = 120_000;

/** Fetches a compressed module, to be compiled while it streams in. @param {string} address */
async function fetchModule(address) {
  const { ok, status, body } = await fetch(address, { signal: AbortSignal.timeout(PATIENCE) });
  if (!ok || !body) throw new Error(`The core could not be fetched (${status}).`);
  const module = body.pipeThrough(new DecompressionStream('deflate-raw'));
  return new Response(module, { headers: { 'Content-Type': 'application/wasm' } });
}

/** @param {Backend} backend @param {boolean} whole @returns {Promise<Core>} */
async function fetchCore(backend, whole) {
  const { address, glue } = CORES[backend.name][Number(whole)];
  // Awaited together: a failure of one while the other is on its way is a refusal, and no fault of the worker.
  const [module, { default: init, Engine }] = await Promise.all([fetchModule(address), glue()]);
  await init({ module_or_path: module });
  return { backend, create: Engine.create };
}

/** @type {Record<string, Promise<Core>>} */
const fetched = {};
/** @param {BackendChoice} choice @param {boolean} [whole] */
const load = (choice, whole = false) => {
  const name = `${choice} ${whole}`;
  fetched[name] ??= suited(choice, /** @type {any} */ (navigator).gpu).then((backend) => fetchCore(backend, whole));
  // What could not be fetched may be there the next time.
  fetched[name].catch(() => delete fetched[name]);
  return fetched[name];
};
// The worker's name is the backend that the page is going to ask for: the download does not wait for that.
load(/** @type {BackendChoice} */ (self.name)).catch(() => {});

/** Sets of images that come with the page. @type {Record<string, {images: string, labels: string}>} */
const SETS = { mnist: { images: mnistImages, labels: mnistLabels } };

const channel = new MessageChannel();
/** @type {() => void} */
let breathed = () => {};
channel.port1.onmessage = () => breathed();

const host = createHost({
  post: (message, transfer = []) => self.postMessage(message, { transfer }),
  load,
  async images(set, progress) {
    const files = SETS[set];
    if (!files) return null;
    const [images, labels] = await Promise.all([
      fetchWhole(files.images, PATIENCE, progress),
      fetchWhole(files.labels, PATIENCE),
    ]);
    return { images, labels };
  },
  now: () => performance.now(),
  breathe: () =>
    new Promise((resolve) => {
      breathed = resolve;
      channel.port2.postMessage(null);
    }),
  later: (run, ms) => setTimeout(run, ms),
});

self.onmessage = ({ data }) => host.receive(data);
// A panic inside a promise of the core reaches nobody but these two.
self.addEventListener('error', (event) => host.fatal(event.error ?? event.message));
self.addEventListener('unhandledrejection', (event) => host.fatal(event.reason));
host.keep();

/** The worker: the core's wasm behind the host. */

import cpuCore from '../pkg/cpu/ebm_bg.wasm.deflated?url';
import gpuCore from '../pkg/gpu/ebm_bg.wasm.deflated?url';
import { suited } from './backend.js';
import { createHost } from './host.js';

/** @import {Backend, BackendChoice} from './protocol.js' */
/** @import {Core} from './core.js' */

const CORES = {
  wasm: { address: cpuCore, glue: () => import('../pkg/cpu/ebm.js') },
  webgpu: { address: gpuCore, glue: () => import('../pkg/gpu/ebm.js') },
};

/** Fetches a compressed module, to be compiled while it streams in. @param {string} address */
async function fetchModule(address) {
  const { ok, status, body } = await fetch(address);
  if (!ok || !body) throw new Error(`The core could not be fetched (${status}).`);
  const module = body.pipeThrough(new DecompressionStream('deflate-raw'));
  return new Response(module, { headers: { 'Content-Type': 'application/wasm' } });
}

/** @param {Backend} backend @returns {Promise<Core>} */
async function fetchCore(backend) {
  const { address, glue } = CORES[backend.name];
  const module = fetchModule(address);
  const { default: init, Engine } = await glue();
  await init({ module_or_path: module });
  return { backend, create: Engine.create };
}

/** @type {Partial<Record<BackendChoice, Promise<Core>>>} */
const fetched = {};
/** @param {BackendChoice} choice */
const load = (choice) => {
  fetched[choice] ??= suited(choice, /** @type {any} */ (navigator).gpu).then(fetchCore);
  return fetched[choice];
};
// The worker's name is the backend that the page is going to ask for: the download does not wait for that.
load(/** @type {BackendChoice} */ (self.name)).catch(() => {});

const channel = new MessageChannel();
/** @type {() => void} */
let breathed = () => {};
channel.port1.onmessage = () => breathed();

const host = createHost({
  post: (message, transfer = []) => self.postMessage(message, { transfer }),
  load,
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

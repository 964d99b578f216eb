/** The worker: the core's wasm behind the host. */

import init, { Engine } from '../pkg/ebm.js';
import { createHost } from './host.js';

// Starts before the page asks, so that the download does not wait for it.
const instantiated = init();
instantiated.catch(() => {});

const channel = new MessageChannel();
/** @type {() => void} */
let breathed = () => {};
channel.port1.onmessage = () => breathed();

const host = createHost({
  post: (message, transfer = []) => self.postMessage(message, { transfer }),
  async load() {
    await instantiated;
    return Engine.create;
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

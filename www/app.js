/** The page: starts the worker, lays out the elements, draws the frames. */

import { createApi } from './api.js';
import { createClient } from './engine/client.js';
import { createExplain, mountShell } from './shell.js';
import { readQuery } from './state/address.js';
import { createClock } from './state/clock.js';
import { createExperiment } from './state/experiment.js';
import { createStore } from './state/store.js';
import { loadStrings } from './state/strings.js';
import { mountViews } from './views.js';

/** @import {BackendChoice, Opened} from './engine/protocol.js' */

const query = readQuery(location.search, navigator.languages);
// The worker fetches the core while the page lays itself out.
const spawn = (/** @type {BackendChoice} */ backend) =>
  new Worker(new URL('./engine/worker.js', import.meta.url), { type: 'module', name: backend });
/** @type {Worker | null} */
let spare = spawn(query.backend);

const store = createStore({ language: query.language, strings: {} });
const clock = createClock(store);
const experiment = createExperiment(store);
const explain = createExplain(store);

/** @type {ReturnType<typeof mountViews>} */
let views;
let drawing = false;

const client = createClient({
  spawn(backend) {
    const worker = spare ?? spawn(backend);
    spare = null;
    return worker;
  },
  handlers: {
    frame(frame) {
      store.receive(frame);
      if (!drawing) requestAnimationFrame(draw);
      drawing = true;
    },
    opened({ backend, manifest }) {
      store.backend.value = backend;
      store.manifest.value = manifest;
    },
    grown(manifest) {
      store.manifest.value = manifest;
    },
    fetching(share) {
      store.fetching.value = share < 1 ? share : null;
    },
    fault(cause) {
      store.status.value = 'restarting';
      const key = `fault.${cause}`;
      const what = store.hasString(key) ? store.t(key) : cause;
      store.notify({ kind: 'warning', key: 'engine.restarted', params: { cause: what } });
    },
    failed(cause) {
      store.status.value = 'failed';
      store.notify({ kind: 'error', key: 'engine.failed', params: { cause } });
    },
  },
});
store.connect(client.engine);

function draw() {
  drawing = false;
  const frame = store.frame.value;
  if (frame) views.update(frame);
  client.drawn();
  store.status.value = 'live';
}

// Before anything is waited for: whoever scripts the page finds `ebm` once the document is there.
Object.assign(globalThis, { ebm: createApi({ store, experiment, clock, client, explain, plot: () => views.plot }) });

store.useLanguage(query.language, await loadStrings(query.language), null);
mountShell({ store, clock, experiment, explain, spawn });
views = mountViews(store);

for (const { name, value, accepted } of query.unknown)
  store.notify({ kind: 'warning', key: 'link.query', params: { name, value, accepted } });

const linked = experiment.read(location.hash);
const asked = linked && linked.scene === undefined ? linked.config : null;
/** @type {Opened} */
const opened = await client.open({ backend: query.backend, config: asked });
experiment.adopt(opened.config, asked ? null : (opened.manifest.scenes[0]?.id ?? null));
if (linked) await experiment.follow(linked, { loaded: opened.refused === undefined }).catch(store.refused);
experiment.followAddress();
if (store.motion.value === 'full') clock.play();

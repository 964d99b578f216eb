/**
 * An engine of its own for a question: it goes on from the page's run as it is now, and the page's run does not notice. Its
 * samples are free, whatever the page's own keep to.
 */

import { createClient } from '../engine/client.js';

/** @import {BackendChoice} from '../engine/protocol.js' */
/** @import {WorkerLike} from '../engine/client.js' */
/** @import {Store} from '../state/store.js' */

/** @typedef {Awaited<ReturnType<typeof openAside>>} Aside */

/**
 * @param {Store} store
 * @param {(backend: BackendChoice) => WorkerLike} spawn
 * @param {BackendChoice} [backend] The page's own where none is asked for.
 */
export async function openAside(store, spawn, backend = store.backend.value?.name ?? 'auto') {
  const nothing = () => {};
  // A question that lost its worker is asked again by whoever wants to know: it has nothing to go on with.
  const client = createClient({
    spawn,
    handlers: { frame: nothing, opened: nothing, grown: nothing, fault: nothing, failed: nothing },
  });
  try {
    const state = await store.engine.snapshot();
    const opened = await client.open({ backend, config: store.config.value });
    if (opened.refused !== undefined) throw new Error(opened.refused);
    await client.engine.restore(state);
    await client.engine.configure({ sampler: { clampX: null, clampY: null } });
    return { engine: client.engine, backend: opened.backend, close: () => client.close() };
  } catch (error) {
    client.close();
    throw error;
  }
}

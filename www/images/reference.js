/** What the samples are held against: energies of held-out images and of strange ones. */

import { measureArea } from '../engine/measures.js';
import { settled } from './sheet.js';
import { strange } from './strange.js';

/** @import {Engine, Space} from '../engine/protocol.js' */

/** Images of each kind whose energies are taken. */
export const TAKEN = 128;

/** @param {Engine} engine @param {() => {space: Space, pixels: number}} what Images they are. */
export function makeReference(engine, what) {
  /** Fetched once for each set. @type {Promise<Float32Array> | null} */
  let images = null;
  const taken = () => {
    images ??= engine.images('held-out').then(({ pixels }) => pixels.slice(0, TAKEN * what().pixels));
    // A core that was restarted meanwhile is asked again.
    images.catch(() => {
      images = null;
    });
    return images;
  };

  /**
   * Energies of held-out images and of strange ones, and how well they are told apart.
   * @param {string} kind How the held-out ones are made strange. @param {Float32Array | null} brought Others instead, [784n].
   */
  return async (kind, brought) => {
    const own = await taken();
    const heldOut = await engine.energy(own);
    const { space, pixels } = what();
    const other = await engine.energy(brought ?? settled(space, strange(kind, own, Math.sqrt(pixels))));
    return { heldOut, strange: other, area: await measureArea(other, heldOut) };
  };
}

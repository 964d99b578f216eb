/** The visitor's own images: IDX files, picked, dropped or handed over by a script. */

import { openFiles } from '../state/files.js';

/** @import {Store} from '../state/store.js' */

/** What a picker offers first. */
const ACCEPTED = '.gz,.idx,.idx1-ubyte,.idx3-ubyte,.packed,application/gzip';

/**
 * Learns the images of IDX files from here on. Of more than the core holds the first ones are used, and the page says so.
 * @param {Store} store @param {Uint8Array} images @param {Uint8Array} [labels]
 * @param {string} [set] The set of the visitor's images that is chosen with them: as they are, or in black and white. None said: the
 * one of what is learned now.
 * @returns {Promise<number>} How many are used.
 */
export async function learnImages(store, images, labels, set) {
  const [used, all] = await store.engine.giveImages('images', images, labels);
  const grey = ['plane', 'images'].includes(store.space.value);
  await store.configure({ data: { id: set ?? (grey ? 'images' : 'binary-images') } });
  store.brought.value++;
  if (used < all)
    store.notify({ kind: 'info', key: 'gallery.cut', params: { used: store.count(used), all: store.count(all) } });
  return used;
}

/**
 * The same of files: one of images, or that and one of their labels, which is the smaller one.
 * @param {Store} store @param {File[]} files @param {string} [set]
 */
export async function openImages(store, files, set) {
  if (files.length === 0) return;
  if (files.length > 2)
    throw new Error(`images: ${files.length} files are not accepted; expected a file of images, and one of labels.`);
  const [images, labels] = [...files].sort((a, b) => b.size - a.size);
  const read = async (/** @type {File} */ file) => new Uint8Array(await file.arrayBuffer());
  await learnImages(store, await read(images), labels && (await read(labels)), set);
}

/**
 * The first images of a file that the visitor picks, beside the run, [784n]; null where they change their mind.
 * @param {Store} store @param {number} most
 */
export async function pickAside(store, most) {
  const [file] = await openFiles(ACCEPTED, false);
  return file ? store.engine.readImages(new Uint8Array(await file.arrayBuffer()), most) : null;
}

/** Asks for them. @param {Store} store @param {string} [set] */
export const pickImages = async (store, set) => openImages(store, await openFiles(ACCEPTED, true), set);

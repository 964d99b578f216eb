/** Points from outside: a chosen or dropped file, or the clipboard. They replace the data; undo brings the old ones back. */

import { MOST_BYTES, parsePoints } from './csv.js';

/** @import {Store} from '../state/store.js' */

/**
 * Reads points from text. What is wrong with it is said in a notice and nothing changes.
 * @param {Store} store
 * @param {string} text
 * @returns {boolean} Whether the data were replaced.
 */
export function importText(store, text) {
  const parsed = parsePoints(text);
  if ('refusal' in parsed) {
    store.notify({ kind: 'error', ...parsed.refusal });
    return false;
  }
  store.edit.set(parsed.points);
  store.notify({ kind: 'info', key: 'edit.imported', params: { count: parsed.points.length / 2 } });
  return true;
}

/**
 * @param {Store} store
 * @param {File} file
 * @returns {Promise<boolean>} Whether the data were replaced.
 */
export async function importFile(store, file) {
  if (file.size > MOST_BYTES) {
    const params = { name: file.name, size: file.size, most: MOST_BYTES };
    store.notify({ kind: 'error', key: 'edit.csv.tooBig', params });
    return false;
  }
  return importText(store, await file.text());
}

/**
 * Takes files that are dropped on the plot, and text that is pasted anywhere but into a field.
 * @param {object} options
 * @param {HTMLElement} options.element The plot.
 * @param {Store} options.store
 * @returns {() => void} Stops it.
 */
export function watchImports({ element, store }) {
  /** @param {DragEvent} event */
  const onOver = (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    element.classList.add('dropping');
  };
  const onLeave = () => element.classList.remove('dropping');
  /** @param {DragEvent} event */
  const onDrop = (event) => {
    onLeave();
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    importFile(store, file).catch(store.refused);
  };
  /** @param {ClipboardEvent} event */
  const onPaste = (event) => {
    const field = event.target instanceof Element && event.target.closest('input, textarea, select, [contenteditable]');
    const text = event.clipboardData?.getData('text/plain');
    // Behind a dialog nothing is to be changed.
    if (field || !text || document.querySelector('dialog[open]')) return;
    event.preventDefault();
    importText(store, text);
  };
  element.addEventListener('dragover', onOver);
  element.addEventListener('dragleave', onLeave);
  element.addEventListener('drop', onDrop);
  document.addEventListener('paste', onPaste);
  return () => {
    element.removeEventListener('dragover', onOver);
    element.removeEventListener('dragleave', onLeave);
    element.removeEventListener('drop', onDrop);
    document.removeEventListener('paste', onPaste);
  };
}

/** Undo and redo of data edits: two stacks of entries, the oldest forgotten beyond `depth`. */

import { signal } from '@preact/signals-core';

/** @typedef {{undo: () => void, redo: () => void}} Entry */

/** @param {number} [depth] Entries that are kept. */
export function createHistory(depth = 100) {
  /** @type {Entry[]} */
  let done = [];
  /** @type {Entry[]} */
  let undone = [];
  const canUndo = signal(false);
  const canRedo = signal(false);
  const tell = () => {
    canUndo.value = done.length > 0;
    canRedo.value = undone.length > 0;
  };

  return {
    canUndo,
    canRedo,

    /** Records an edit that has been made. What was undone before is forgotten. @param {Entry} entry */
    push(entry) {
      done = [...done, entry].slice(-depth);
      undone = [];
      tell();
    },

    undo() {
      const entry = done.pop();
      if (!entry) return;
      entry.undo();
      undone.push(entry);
      tell();
    },

    redo() {
      const entry = undone.pop();
      if (!entry) return;
      entry.redo();
      done.push(entry);
      tell();
    },

    clear() {
      done = [];
      undone = [];
      tell();
    },
  };
}

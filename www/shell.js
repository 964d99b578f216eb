/** Gives the elements of the page their state and their actions. */

import { effect } from '@preact/signals-core';
import './controls/caption.js';
import './controls/exhibit.js';
import './controls/formula.js';
import './controls/header.js';
import './controls/hint.js';
import './controls/notices.js';
import './controls/numbers.js';
import './controls/panel.js';
import './controls/tabs.js';
import './controls/toolbar.js';
import './controls/transport.js';
import { closePopovers } from './controls/popover.js';
import { withQuery } from './state/address.js';
import { openFile, saveFile } from './state/files.js';
import { keyHandler } from './state/keyboard.js';
import { followPreferences } from './state/preferences.js';
import { loadExplanations, loadStrings } from './state/strings.js';

/** @import {Store} from './state/store.js' */
/** @import {Language} from './state/locale.js' */

/**
 * @param {object} options
 * @param {Store} options.store
 * @param {ReturnType<typeof import('./state/clock.js').createClock>} options.clock
 * @param {ReturnType<typeof import('./state/experiment.js').createExperiment>} options.experiment
 * @param {() => Promise<void>} options.explain Fetches the explanations.
 * @param {(backend: import('./engine/protocol.js').BackendChoice) => Worker} options.spawn
 */
export function mountShell({ store, clock, experiment, explain, spawn }) {
  const { toggleTheme } = followPreferences(store);
  /** @param {string} name @returns {any} */
  const element = (name) => document.querySelector(name);
  /** @param {string} name @param {() => Promise<unknown>} fetch */
  const dialog = (name, fetch) =>
    Promise.all([fetch(), explain()])
      .then(() => showDialog(element(name)))
      .then(
        () => true,
        (error) => {
          store.refused(error);
          return false;
        },
      );
  const help = () => dialog('ebm-help', () => import('./controls/help.js'));
  const diagnose = () => dialog('ebm-diagnosis', () => import('./controls/diagnosis.js'));
  /** A dialog that makes workers of its own. @param {string} name @param {() => Promise<unknown>} fetch */
  const workshop = async (name, fetch) => {
    if (await dialog(name, fetch)) Object.assign(element(name), { spawn }).begin();
  };
  const examine = () => workshop('ebm-examine', () => import('./examine/examine.js'));
  const compare = () => {
    clock.pause();
    return workshop('ebm-compare', () => import('./compare/compare.js'));
  };
  const importData = () => dialog('ebm-import', () => import('./controls/import.js'));
  // Who moves, touches or types may ask next; a failed attempt is made again.
  for (const type of ['pointermove', 'pointerdown', 'focusin', 'keydown', 'dragenter'])
    document.addEventListener(type, () => explain().catch(() => {}), { passive: true });

  element('ebm-header').actions = {
    toggleTheme,
    help,
    loadScene: (/** @type {string} */ id) => experiment.load(id).catch(store.refused),
    setLanguage: (/** @type {Language} */ language) => setLanguage(store, language),
    backendAddress: (/** @type {string} */ backend) => withQuery(location.href, 'backend', backend),
    share: () => share(store, experiment.link()),
    saveWeights: () => saveWeights(store).catch(store.refused),
    openWeights: () => openWeights(store).catch(store.refused),
  };
  element('ebm-transport').clock = clock;
  element('ebm-toolbar').importData = importData;
  Object.assign(element('ebm-numbers'), { diagnose, compare, examine });
  for (const node of document.querySelectorAll('[data-store]')) Object.assign(node, { store });

  // The words for parts of the whole core, for steps by hand, and for what is wrong with a link, come with the explanations.
  effect(() => {
    const byHand = store.slow.value || store.frame.value?.event;
    if (store.manifest.value?.whole || byHand || store.notices.value.length > 0 || store.fetching.value !== null)
      explain().catch(() => {});
  });
  closePopovers(document.body);
  document.addEventListener('keydown', keyHandler({ store, clock, help }));
  effect(() => {
    document.documentElement.lang = store.locale.value;
    for (const node of document.querySelectorAll('[data-label]'))
      node.setAttribute('aria-label', store.t(/** @type {HTMLElement} */ (node).dataset.label ?? ''));
    for (const node of document.querySelectorAll('[data-text]'))
      node.textContent = store.t(/** @type {HTMLElement} */ (node).dataset.text ?? '');
  });
}

/** Opens the dialog in an element that is defined. @param {any} element */
async function showDialog(element) {
  await element.updateComplete;
  /** @type {HTMLDialogElement} */
  const dialog = element.querySelector('dialog');
  if (!dialog.open) dialog.showModal();
}

/** Fetches the explanations of the language, once. @param {Store} store @returns {() => Promise<void>} */
export function createExplain(store) {
  /** @type {Promise<void> | null} */
  let fetching = null;
  const fetch = async () => {
    const language = store.locale.peek();
    const explanations = await loadExplanations(language);
    if (store.locale.peek() === language) store.explain(explanations);
  };
  return async () => {
    if (store.isExplained()) return;
    fetching ??= fetch().finally(() => {
      fetching = null;
    });
    await fetching;
  };
}

/** @param {Store} store @param {Language} language */
async function setLanguage(store, language) {
  const [strings, explanations] = await Promise.all([loadStrings(language), loadExplanations(language)]);
  store.useLanguage(language, strings, explanations);
  history.replaceState(null, '', withQuery(location.href, 'lang', language));
}

/** Copies the link; a browser that does not allow it shows the link instead. @param {Store} store @param {string} link */
async function share(store, link) {
  try {
    await navigator.clipboard.writeText(link);
    store.notify({ kind: 'info', key: 'share.copied' });
  } catch {
    store.notify({ kind: 'info', key: 'share.shown', params: { link } });
  }
}

/** @param {Store} store */
async function saveWeights(store) {
  const bytes = await store.engine.exportWeights();
  saveFile(/** @type {Uint8Array<ArrayBuffer>} */ (bytes), 'energy.safetensors', 'application/octet-stream');
}

/** @param {Store} store */
async function openWeights(store) {
  const file = await openFile('.safetensors');
  if (file === null) return;
  await store.engine.importWeights(new Uint8Array(await file.arrayBuffer()));
  store.brought.value++;
  store.notify({ kind: 'info', key: 'share.opened', params: { name: file.name } });
}

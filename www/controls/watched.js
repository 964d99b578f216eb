/**
 * The base of the page's elements: rendered into the page itself (so that labels, styles and tests reach everything), and
 * again whenever a signal changes that the last rendering read.
 */

import { effect } from '@preact/signals-core';
import { LitElement } from 'lit';

/** @import {Store} from '../state/store.js' */

export class Watched extends LitElement {
  /** @type {(() => void) | undefined} */
  #stopWatching;
  /** @type {Store | undefined} */
  #store;

  constructor() {
    super();
    // A store that was given before the element was defined lies on the instance and hides the accessor.
    const { store } = /** @type {{store?: Store}} */ (Object.fromEntries(Object.entries(this)));
    if (store === undefined) return;
    Reflect.deleteProperty(this, 'store');
    this.store = store;
  }

  /** The page's state; nothing is rendered before it is there. @returns {Store} */
  get store() {
    if (this.#store === undefined) throw new Error(`<${this.localName}> was used before it was given the store.`);
    return this.#store;
  }

  set store(store) {
    this.#store = store;
    this.requestUpdate();
  }

  /** @override */
  createRenderRoot() {
    return this;
  }

  /** What the page's skeleton held gives way. @override @param {Map<PropertyKey, unknown>} _changed */
  willUpdate(_changed) {
    if (!this.hasUpdated) this.replaceChildren();
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.requestUpdate();
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.#stopWatching?.();
  }

  /** @override */
  shouldUpdate() {
    return this.#store !== undefined;
  }

  /** @override */
  performUpdate() {
    if (!this.isUpdatePending) return;
    this.#stopWatching?.();
    let rendered = false;
    this.#stopWatching = effect(() => {
      // Read what the rendering reads, once; after that any change asks for a new one.
      if (rendered) {
        this.requestUpdate();
        return;
      }
      rendered = true;
      super.performUpdate();
    });
  }
}

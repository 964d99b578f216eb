/** The base of the elements that answer a question: they work at one thing at a time, and a refusal is one sentence. */

import { html, nothing } from 'lit';
import { Watched } from '../controls/watched.js';
import { openAside } from './aside.js';

/** @import {BackendChoice} from '../engine/protocol.js' */
/** @import {WorkerLike} from '../engine/client.js' */
/** @import {Aside} from './aside.js' */

export class Question extends Watched {
  /** @type {import('lit').PropertyDeclarations} */
  static properties = {
    spawn: { attribute: false },
    working: { state: true },
    refusal: { state: true },
  };

  constructor() {
    super();
    /** Makes a worker for a backend. @type {(backend: BackendChoice) => WorkerLike} */
    this.spawn = () => {
      throw new Error(`<${this.localName}> was used before it was given a way to make workers.`);
    };
    this.working = false;
    this.refusal = '';
    /** What is being done, to be waited for. @type {Promise<void>} */
    this.last = Promise.resolve();
    /** The engine of the question's own that is open. @type {Aside | null} */
    this.aside = null;
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.aside?.close();
    this.aside = null;
  }

  /** Opens an engine of its own, for as long as somebody looks; null where nobody does any more. @param {BackendChoice} [backend] */
  async open(backend) {
    const aside = await openAside(this.store, this.spawn, backend);
    if (!this.isConnected) {
      aside.close();
      return null;
    }
    this.aside = aside;
    return aside;
  }

  /** Asks an engine of its own and ends it. @param {(aside: Aside) => Promise<unknown>} question @param {BackendChoice} [backend] */
  async askAside(question, backend) {
    const aside = await this.open(backend);
    try {
      if (aside) await question(aside);
    } finally {
      aside?.close();
    }
  }

  /** Does something, unless something is being done. @param {() => Promise<unknown>} what */
  work(what) {
    if (!this.working) this.last = this.#do(what);
    return this.last;
  }

  /** Does something once what is being done is done. @param {() => Promise<unknown>} what */
  afterwards(what) {
    this.last = this.last.then(() => this.#do(what));
    return this.last;
  }

  /** @param {() => Promise<unknown>} what */
  async #do(what) {
    this.working = true;
    this.refusal = '';
    try {
      await what();
    } catch (error) {
      // What is said to somebody who has gone is for nobody.
      if (this.isConnected) this.refusal = error instanceof Error ? error.message : String(error);
    } finally {
      this.working = false;
    }
  }

  /** The model of the page learns. */
  get learns() {
    const { manifest, config } = this.store;
    return manifest.value?.sections.model.find(({ id }) => id === config.value?.model.id)?.learns !== false;
  }

  refused() {
    return this.refusal ? html`<p class="refusal" role="alert">${this.refusal}</p>` : nothing;
  }
}

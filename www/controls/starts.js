/** Buttons that start the samples anew: from noise, at the data, in the buffer, or where one clicks. */

import { html, nothing } from 'lit';
import { makeTransform } from '../views/transform.js';
import { Watched } from './watched.js';

/** @import {Start} from '../state/starts.js' */

class Starts extends Watched {
  static properties = { waiting: { state: true } };

  constructor() {
    super();
    /** Whether the next click on the plot is the place. */
    this.waiting = false;
    /** Ends the waiting. */
    this.stop = () => {};
  }

  /** @param {Start} start */
  async #start(start) {
    this.stop();
    try {
      const { startParticles } = await import('../state/starts.js');
      await startParticles(this.store, start);
    } catch (error) {
      this.store.refused(error);
    }
  }

  /** A key means the middle of the view; a pointer chooses the place itself. @param {UIEvent} event */
  #choose({ detail }) {
    if (detail === 0) return this.#start(this.store.view.value.centre);
    if (this.waiting) return this.stop();
    const plot = /** @type {HTMLElement} */ (document.getElementById('plot'));
    const listening = new AbortController();
    const { signal } = listening;
    this.stop = () => {
      listening.abort();
      this.waiting = false;
      plot.classList.remove('aiming');
      this.stop = () => {};
    };
    this.waiting = true;
    plot.classList.add('aiming');
    plot.addEventListener(
      'pointerdown',
      (event) => {
        event.stopPropagation();
        event.preventDefault();
        const box = plot.getBoundingClientRect();
        const at = makeTransform(this.store.view.value, box.width, box.height);
        this.#start([at.worldX(event.clientX - box.left), at.worldY(event.clientY - box.top)]);
      },
      { capture: true, signal },
    );
    addEventListener('keydown', ({ key }) => key === 'Escape' && this.stop(), { signal });
    return undefined;
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.stop();
  }

  /** @override */
  render() {
    const { t, config, space } = this.store;
    const from = (/** @type {'noise' | 'data' | 'buffer'} */ start) =>
      html`<button type="button" class="plain" @click=${() => this.#start(start)}>${t(`start.${start}`)}</button>`;
    return html`<div class="control starts" role="group" aria-label=${t('start.name')}>
      <span>${t('start.name')}</span>
      ${from('noise')} ${from('data')} ${'bufferSize' in (config.value?.objective ?? {}) ? from('buffer') : nothing}
      ${
        space.value !== 'plane'
          ? nothing
          : html`<button type="button" class="plain" aria-pressed=${this.waiting} @click=${this.#choose}>${t('start.point')}</button>`
      }
    </div>`;
  }
}

customElements.define('ebm-starts', Starts);

/** Messages to the visitor, spoken as they come: they stay until dismissed, except good news, which leaves by itself. */

import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { icon } from './icons.js';
import { Watched } from './watched.js';

/** @import {Notice} from '../state/store.js' */

/** How long good news stays, in milliseconds. */
const GOOD_NEWS = 6000;

class Notices extends Watched {
  /** @type {Set<number>} */
  #timed = new Set();

  /** @override */
  updated() {
    for (const { id, kind } of this.store.notices.value) {
      if (kind !== 'info' || this.#timed.has(id)) continue;
      this.#timed.add(id);
      setTimeout(() => {
        this.#timed.delete(id);
        this.store.dismiss(id);
      }, GOOD_NEWS);
    }
  }

  /** @param {Notice} notice */
  #notice({ id, kind, text, key, params }) {
    const { t, dismiss } = this.store;
    return html`<div class="notice" data-kind=${kind} role=${kind === 'info' ? 'status' : 'alert'}>
      <p class="notice-text">${text ?? t(key ?? '', params)}</p>
      <button type="button" class="round small" aria-label=${t('notice.dismiss')} @click=${() => dismiss(id)}>${icon('close')}</button>
    </div>`;
  }

  /** @override */
  render() {
    const { fetching, t } = this.store;
    const waiting = html`<div class="notice" role="status">
      <p class="notice-text">${t('gallery.fetching')}</p><progress .value=${fetching.value ?? 0}></progress>
    </div>`;
    // Said once there are words for it.
    return html`${fetching.value === null ? nothing : waiting}${repeat(
      this.store.notices.value.filter(({ text, key = '' }) => text !== undefined || this.store.t(key) !== ''),
      ({ id }) => id,
      (notice) => this.#notice(notice),
    )}`;
  }
}

customElements.define('ebm-notices', Notices);

/** The one hint of the page, until the visitor has done what it says. */

import { html, nothing } from 'lit';
import { Watched } from './watched.js';

class Hint extends Watched {
  #done = false;

  /** @override */
  render() {
    const { t, edit, status, layers } = this.store;
    this.#done ||= edit.edited.value;
    const wanted = !this.#done && status.value === 'live' && layers.value.data;
    return wanted ? html`<p class="hint">${t('hint.drag')}</p>` : nothing;
  }
}

customElements.define('ebm-hint', Hint);

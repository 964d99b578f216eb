/** The one hint of the page, until the visitor has done what it says. */

import { html, nothing } from 'lit';
import { Watched } from './watched.js';

class Hint extends Watched {
  /** @override */
  render() {
    const { t, edit, status, layers } = this.store;
    const wanted = status.value === 'live' && layers.value.data && !edit.edited.value;
    return wanted ? html`<p class="hint">${t('hint.drag')}</p>` : nothing;
  }
}

customElements.define('ebm-hint', Hint);

/** The formula of a part of the experiment, as the manifest gives it. */

import { html, nothing } from 'lit';
import { partOf } from '../state/settings.js';
import { mathml } from './tex.js';
import { Watched } from './watched.js';

/** @import {SectionName} from '../engine/protocol.js' */

class Formula extends Watched {
  static properties = { section: { type: String } };

  constructor() {
    super();
    /** @type {SectionName} */
    this.section = 'objective';
  }

  /** @override */
  render() {
    const { manifest, config } = this.store;
    const id = config.value?.[this.section].id;
    const part = manifest.value && id ? partOf(manifest.value, this.section, id) : undefined;
    if (!part?.formula) return nothing;
    try {
      // Its clauses go below one another where there is little room.
      const clauses = part.formula.split('\\quad').map(mathml).join('');
      // One may be wider than a phone all the same: the keyboard must be able to scroll it.
      return html`<span class="formula" tabindex="0" .innerHTML=${clauses}></span>`;
    } catch {
      // A formula in TeX that this page does not know is still readable as TeX.
      return html`<code class="formula">${part.formula}</code>`;
    }
  }
}

customElements.define('ebm-formula', Formula);

/** The measured numbers of the moment: whatever metrics the core registers, a dash where one does not apply. */

import { html } from 'lit';
import { Watched } from './watched.js';

class Numbers extends Watched {
  /** @override */
  render() {
    const { t, manifest, frame, measure } = this.store;
    const values = frame.value?.metrics ?? {};
    const ids = (manifest.value?.metrics ?? []).map(({ id }) => id);
    return html`<dl class="numbers">
      ${ids.map((id) => {
        const applies = typeof values[id] === 'number';
        return html`<div ?data-empty=${!applies} title=${t(`metric.${id}.help`)}>
          <dt>${t(`metric.${id}.label`)}</dt><dd>${measure(values[id])}</dd>
        </div>`;
      })}
    </dl>`;
  }
}

customElements.define('ebm-numbers', Numbers);

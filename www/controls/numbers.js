/** The measured numbers of the moment: whatever metrics the core registers, a dash where one does not apply. */

import { html } from 'lit';
import { Watched } from './watched.js';

class Numbers extends Watched {
  static properties = {
    diagnose: { attribute: false },
    compare: { attribute: false },
    examine: { attribute: false },
  };

  constructor() {
    super();
    /** Opens the dialog that measures the sampler. */
    this.diagnose = () => {};
    /** Opens the dialog that compares two runs. */
    this.compare = () => {};
    /** Opens the dialog that looks closer. */
    this.examine = () => {};
  }

  /** @override */
  render() {
    const { t, manifest, frame, measure } = this.store;
    const values = frame.value?.metrics ?? {};
    const live = (manifest.value?.metrics ?? []).filter(({ id, live, rare }) => live && (!rare || values[id] != null));
    return html`<dl class="numbers">
        ${live.map(({ id }) => {
          const applies = typeof values[id] === 'number';
          return html`<div ?data-empty=${!applies} title=${t(`metric.${id}.help`)}>
            <dt>${t(`metric.${id}.label`)}</dt><dd>${measure(values[id])}</dd>
          </div>`;
        })}
      </dl>
      <p class="links">
        <button type="button" class="more" @click=${() => this.diagnose()}>${t('chart.diagnose')}</button>
        <button type="button" class="more" @click=${() => this.compare()}>${t('chart.compare')}</button>
        <button type="button" class="more" @click=${() => this.examine()}>${t('chart.examine')}</button>
      </p>`;
  }
}

customElements.define('ebm-numbers', Numbers);

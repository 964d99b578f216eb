/** What a narrow screen shows below the plot: the loop, the charts, or the controls in a sheet. Wide screens show it all. */

import { html } from 'lit';
import { icon } from './icons.js';
import { Watched } from './watched.js';

const TABS = /** @type {const} */ ([
  ['loop', 'loop'],
  ['charts', 'chart'],
  ['controls', 'sliders'],
]);

class Tabs extends Watched {
  static properties = { active: { state: true } };

  constructor() {
    super();
    /** @type {typeof TABS[number][0]} */
    this.active = 'loop';
  }

  /** @override */
  updated() {
    document.documentElement.dataset.tab = this.active;
  }

  /** @override */
  render() {
    const { t } = this.store;
    return html`${TABS.map(
      ([tab, picture]) => html`<button type="button" class="tab" aria-pressed=${tab === this.active}
        @click=${() => {
          // The sheet of controls closes by the button that opened it.
          this.active = tab === 'controls' && this.active === 'controls' ? 'loop' : tab;
        }}>${icon(picture)}<span>${t(`tab.${tab}`)}</span></button>`,
    )}`;
  }
}

customElements.define('ebm-tabs', Tabs);

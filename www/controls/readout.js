/** The clock's face: which update, how fast. Apart from the bar around it, because it changes with every frame. */

import { html } from 'lit';
import { Watched } from './watched.js';

class Readout extends Watched {
  /** @override */
  render() {
    const { t, frame, playing, mode, count, slow } = this.store;
    const now = frame.value;
    const update = count(now?.clock.update ?? 0);
    const sampling = mode.value === 'sample';
    const rate = now?.rate ?? 0;
    const speed = rate >= 10 ? count(Math.round(rate)) : rate.toFixed(1);
    const second = sampling
      ? t('readout.steps', { steps: count(now?.clock.steps ?? 0) })
      : playing.value && !slow.value && rate > 0
        ? t('readout.rate', { rate: speed })
        : t(playing.value ? 'readout.running' : 'readout.paused');
    return html`<p class="clock-face"><span>${t('readout.update', { update })}</span><small>${second}</small></p>`;
  }
}

customElements.define('ebm-readout', Readout);

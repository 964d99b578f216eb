/** One line under the loop: in slow motion and while stepping, what the stage does; else what the clock is doing. */

import { html } from 'lit';
import { STAGES } from '../engine/protocol.js';
import { Watched } from './watched.js';

class Caption extends Watched {
  #text() {
    const { t, frame, slow, mode, count, config } = this.store;
    const { clock, event } = frame.value ?? {};
    if (!clock || (!event && !slow.value)) return t(`caption.${mode.value}`);
    if (event?.stage === null) return t('caption.move');
    if (event?.stage === undefined) return t('caption.between', { update: count(clock.update) });
    const stage = STAGES[event.stage];
    const line = t(`caption.${stage}`, { batch: count(Number(config.value?.batch ?? 0)) });
    const steps = config.value?.sampler.steps;
    if (event.grain !== 'substep' || stage !== 'negatives' || typeof steps !== 'number') return line;
    return `${line} ${t('caption.substep', { step: count(event.substep ?? 0), steps: count(steps) })}`;
  }

  /** @override */
  render() {
    return html`<p class="caption" aria-live=${this.store.slow.value ? 'polite' : 'off'}>${this.#text()}</p>`;
  }
}

customElements.define('ebm-caption', Caption);

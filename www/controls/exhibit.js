/** What goes wrong in a scene that fails on purpose, why, and the change that mends it. */

import { html, nothing } from 'lit';
import { Watched } from './watched.js';

/** Whether a config holds every value of a patch. @param {any} config @param {any} patch @returns {boolean} */
export function holds(config, patch) {
  if (patch === null || typeof patch !== 'object') return config === patch;
  return Object.entries(patch).every(([name, value]) => holds(config?.[name], value));
}

/**
 * Whether the parts that a patch turns are still those of the scene or its own: who has chosen others has another experiment.
 * @param {any} config @param {any} scene @param {any} patch
 */
export function isStill(config, scene, patch) {
  return Object.keys(patch).every((section) => [scene[section]?.id, patch[section].id].includes(config?.[section]?.id));
}

class Exhibit extends Watched {
  #mend(/** @type {object} */ patch) {
    this.store.configure(patch).catch(this.store.refused);
  }

  /** @override */
  render() {
    const { t, manifest, scene, config } = this.store;
    const exhibit = manifest.value?.scenes.find(({ id }) => id === scene.value);
    if (!exhibit?.mend || !isStill(config.value, exhibit.config, exhibit.mend)) return nothing;
    const { mend } = exhibit;
    const mended = holds(config.value, mend);
    return html`<div class="exhibit">
      <p>${t(`scene.${scene.value}.about`)}</p>
      <button type="button" class="plain" ?disabled=${mended} @click=${() => this.#mend(mend)}
        >${t(mended ? 'exhibit.mended' : 'exhibit.mend')}</button>
    </div>`;
  }
}

customElements.define('ebm-exhibit', Exhibit);

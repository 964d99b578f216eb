/** The dialog for points as text: pasted, typed or from a file; the points of the moment can be copied out of it. */

import { html } from 'lit';
import { importFile, importText } from '../editing/import.js';
import { openFile } from '../state/files.js';
import { icon } from './icons.js';
import { Watched } from './watched.js';

class Import extends Watched {
  get #text() {
    return /** @type {HTMLTextAreaElement} */ (this.querySelector('textarea'));
  }

  /** Closes once the points were taken. @param {boolean} taken */
  #done(taken) {
    if (taken) /** @type {HTMLDialogElement} */ (this.querySelector('dialog')).close();
  }

  async #file() {
    const file = await openFile('.csv,.tsv,.txt,text/csv,text/plain');
    if (file) this.#done(await importFile(this.store, file));
  }

  /** The points of the moment, one a line. */
  #fill() {
    const { data } = this.store;
    const lines = [];
    for (let i = 0; i < data.value.length; i += 2) lines.push(`${round(data.value[i])},${round(data.value[i + 1])}`);
    this.#text.value = lines.join('\n');
    this.#text.select();
  }

  /** @override */
  render() {
    const { t } = this.store;
    return html`<dialog class="sheet" aria-labelledby="import-title">
      <div class="sheet-body">
        <header>
          <h2 id="import-title">${t('import.title')}</h2>
          <form method="dialog"><button class="round small" aria-label=${t('help.close')}>${icon('close')}</button></form>
        </header>
        <p id="import-about">${t('import.about')}</p>
        <textarea rows="8" spellcheck="false" aria-labelledby="import-title" aria-describedby="import-about"
          placeholder="0.5, 1.25"></textarea>
        <div class="actions">
          <button type="button" class="plain strong" @click=${() => this.#done(importText(this.store, this.#text.value))}
            >${t('import.use')}</button>
          <button type="button" class="plain" @click=${this.#file}>${t('import.file')}</button>
          <button type="button" class="plain" @click=${this.#fill}>${t('import.show')}</button>
        </div>
      </div>
    </dialog>`;
  }
}

/** Four decimals: finer than any screen, and short. @param {number} x */
function round(x) {
  return Number(x.toFixed(4));
}

customElements.define('ebm-import', Import);

/** The tools over the plot: what the pointer does to the points, undo and redo, import, and an empty sheet. */

import { html, nothing } from 'lit';
import { icon } from './icons.js';
import { Watched } from './watched.js';

const TOOLS = /** @type {const} */ (['move', 'add', 'spray', 'erase', 'lasso']);

/** Radii of spray and eraser, world units. */
const BRUSHES = [0.2, 0.4, 0.8];

class Toolbar extends Watched {
  static properties = { importData: { attribute: false }, open: { state: true } };

  constructor() {
    super();
    /** Opens the import dialog. */
    this.importData = () => {};
    /** Whether a narrow screen shows more than the tool in hand. */
    this.open = false;
  }

  /** @param {Parameters<typeof icon>[0]} name @param {string} text @param {() => void} press @param {boolean} [disabled] */
  #button(name, text, press, disabled = false) {
    return html`<button type="button" class="tool" aria-label=${text} title=${text} ?disabled=${disabled} @click=${press}>
      ${icon(name)}</button>`;
  }

  #brushes() {
    const { t, tool, brush } = this.store;
    if (tool.value !== 'spray' && tool.value !== 'erase') return nothing;
    return html`<div class="tool-set brushes" role="group" aria-label=${t('tool.brush')}>
      ${BRUSHES.map(
        (radius, i) => html`<button type="button" class="tool" aria-pressed=${radius === brush.value}
          aria-label=${t('tool.radius', { radius })} title=${t('tool.radius', { radius })}
          @click=${() => {
            brush.value = radius;
          }}><span class="dot" style=${`--size: ${6 + 5 * i}px`}></span></button>`,
      )}
    </div>`;
  }

  /** @override */
  render() {
    const { t, tool, history, edit, terrain } = this.store;
    return html`
      <button type="button" class="tool tool-in-hand" aria-expanded=${this.open} aria-label=${t('tool.edit')}
        title=${t('tool.edit')}
        @click=${() => {
          this.open = !this.open;
        }}>${icon(tool.value)}</button>
      <div class="tool-sets" data-open=${this.open || nothing}>
      <div class="tool-set" role="group" aria-label=${t('tool.name')}>
        ${TOOLS.map(
          (name) => html`<button type="button" class="tool" aria-pressed=${name === tool.value}
            aria-label=${t(`tool.${name}`)} title=${t(`tool.${name}`)}
            @click=${() => {
              tool.value = name;
              this.open = false;
            }}>${icon(name)}</button>`,
        )}
      </div>
      ${this.#brushes()}
      <div class="tool-set" role="group" aria-label=${t('tool.history')}>
        ${this.#button('undo', t('tool.undo'), history.undo, !history.canUndo.value)}
        ${this.#button('redo', t('tool.redo'), history.redo, !history.canRedo.value)}
        ${this.#button('table', t('tool.import'), () => this.importData())}
        ${this.#button('trash', t('tool.clear'), () => edit.set([]))}
      </div>
      <div class="tool-set">
        <button type="button" class="tool" aria-pressed=${terrain.value} aria-label=${t('tool.terrain')}
          title=${t('tool.terrain')}
          @click=${() => {
            terrain.value = !terrain.value;
          }}>${icon('cube')}</button>
      </div>
      </div>`;
  }
}

customElements.define('ebm-toolbar', Toolbar);

/** The control panel: four groups, made of the manifest alone. */

import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { GROUPS, panelGroups } from './parameters.js';
import { Watched } from './watched.js';
import './kinds.js';
import './number.js';
import './part-menu.js';
import './starts.js';

/** @import {Menu, PanelGroup} from './parameters.js' */
/** @import {Entry} from '../state/settings.js' */
/** @import {Group} from '../engine/protocol.js' */

class Panel extends Watched {
  static properties = {
    active: { state: true },
    opened: { state: true },
  };

  constructor() {
    super();
    /** The group that a narrow screen shows. @type {Group} */
    this.active = 'data';
    /** Groups whose "more" is open. @type {Set<Group>} */
    this.opened = new Set();
  }

  /** @param {Group} group */
  #toggle(group) {
    const opened = new Set(this.opened);
    if (!opened.delete(group)) opened.add(group);
    this.opened = opened;
  }

  /** @param {Menu | Entry} item */
  #control(item) {
    const { store } = this;
    if (item.kind === 'menu') return html`<ebm-part-menu .store=${store} .menu=${item}></ebm-part-menu>`;
    switch (item.param.kind) {
      case 'boolean':
        return html`<ebm-switch .store=${store} .entry=${item}></ebm-switch>`;
      case 'choice':
        return html`<ebm-choice .store=${store} .entry=${item}></ebm-choice>`;
      // Comes with the stage of images.
      case 'set':
        return html`<ebm-set .store=${store} .entry=${item}></ebm-set>`;
      case 'widths':
        return html`<ebm-widths .store=${store} .entry=${item}></ebm-widths>`;
      default:
        return html`<ebm-number .store=${store} .entry=${item}></ebm-number>`;
    }
  }

  /** @param {(Menu | Entry)[]} items */
  #controls(items) {
    return repeat(
      items,
      (item) => (item.kind === 'menu' ? item.section : `${item.section} ${item.part} ${item.param.name}`),
      (item) => this.#control(item),
    );
  }

  /** @param {PanelGroup} panelGroup */
  #group({ group, seen, more }) {
    const { t } = this.store;
    const open = this.opened.has(group);
    return html`<section class="group" aria-labelledby=${`group-${group}`} ?data-active=${group === this.active}>
      <h2 id=${`group-${group}`}>${t(`group.${group}`)}</h2>
      ${this.#controls(seen)}
      ${
        more.length === 0
          ? nothing
          : html`<div id=${`more-${group}`} ?hidden=${!open}>${open ? this.#controls(more) : nothing}</div>
            <button
              type="button"
              class="more"
              aria-expanded=${open}
              aria-controls=${`more-${group}`}
              @click=${() => this.#toggle(group)}
            >${t(open ? 'panel.less' : 'panel.more', { count: more.length })}</button>`
      }
      ${group === 'sampler' ? html`<ebm-starts .store=${this.store}></ebm-starts>` : nothing}
    </section>`;
  }

  /** @override */
  render() {
    const { manifest, config, t } = this.store;
    const groups = manifest.value && config.value ? panelGroups(manifest.value, config.value) : [];
    return html`
      <div class="group-tabs" role="group" aria-label=${t('panel.name')}>
        ${GROUPS.map(
          (group) => html`<button
            type="button"
            aria-pressed=${group === this.active}
            @click=${() => {
              this.active = group;
            }}
          >${t(`group.${group}`)}</button>`,
        )}
      </div>
      ${
        groups.length > 0
          ? groups.map((group) => this.#group(group))
          : GROUPS.map(
              (group) =>
                html`<section class="group waiting" ?data-active=${group === this.active}><h2>${t(`group.${group}`)}</h2></section>`,
            )
      }`;
  }
}

customElements.define('ebm-panel', Panel);

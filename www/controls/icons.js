/** The page's icons: strokes on a grid of 20, in the colour of their text. */

import { html, svg } from 'lit';

const PATHS = {
  play: svg`<path d="M6 3.8v12.4L16.2 10z" fill="currentColor"/>`,
  pause: svg`<path d="M6.8 4v12M13.2 4v12" stroke-width="2.6"/>`,
  step: svg`<path d="M5 4.5v11l7.5-5.5z" fill="currentColor"/><path d="M15.5 4.5v11"/>`,
  back: svg`<path d="M15 4.5v11L7.5 10z" fill="currentColor"/><path d="M4.5 4.5v11"/>`,
  reset: svg`<path d="M4.2 4.2v4h4"/><path d="M4.6 8.1A6.2 6.2 0 1 1 4 11.5"/>`,
  dice: svg`<rect x="3.5" y="3.5" width="13" height="13" rx="2.5"/><path d="M7 7h.01M13 7h.01M10 10h.01M7 13h.01M13 13h.01" stroke-width="2.2"/>`,
  slow: svg`<circle cx="10" cy="10" r="6.6"/><path d="M10 6v4.2l2.6 1.7"/>`,
  share: svg`<path d="M10 12.5V3.5M6.8 6.2 10 3.2l3.2 3"/><path d="M5.5 9.2H4v7.3h12V9.2h-1.5"/>`,
  help: svg`<path d="M7.4 7.6a2.7 2.7 0 1 1 3.7 2.5c-.8.3-1.1.8-1.1 1.7v.2"/><path d="M10 14.8h.01" stroke-width="2"/>`,
  sun: svg`<circle cx="10" cy="10" r="3.2"/><path d="M10 2.5v2M10 15.5v2M2.5 10h2M15.5 10h2M4.7 4.7l1.4 1.4M13.9 13.9l1.4 1.4M4.7 15.3l1.4-1.4M13.9 6.1l1.4-1.4"/>`,
  moon: svg`<path d="M16 11.6A6.6 6.6 0 0 1 8.4 4 6.6 6.6 0 1 0 16 11.6z"/>`,
  language: svg`<circle cx="10" cy="10" r="6.6"/><path d="M3.5 10h13M10 3.4c4.4 4 4.4 9.2 0 13.2-4.4-4-4.4-9.2 0-13.2z"/>`,
  chevron: svg`<path d="m6 8 4 4 4-4"/>`,
  close: svg`<path d="m5.5 5.5 9 9M14.5 5.5l-9 9"/>`,
  move: svg`<path d="M10 3v14M3 10h14M10 3 8 5M10 3l2 2M10 17l-2-2M10 17l2-2M3 10l2-2M3 10l2 2M17 10l-2-2M17 10l-2 2"/>`,
  add: svg`<circle cx="10" cy="10" r="6.6"/><path d="M10 7v6M7 10h6"/>`,
  spray: svg`<path d="M10 10h.01M6.5 7h.01M13.2 6.4h.01M14 12.4h.01M7.4 13.6h.01M10 4.2h.01M10.6 15.8h.01M4.4 10.6h.01M15.8 9h.01" stroke-width="2.4"/>`,
  erase: svg`<path d="m8.5 15.5-4.2-4.2a1.2 1.2 0 0 1 0-1.7l5.6-5.6a1.2 1.2 0 0 1 1.7 0l4.4 4.4a1.2 1.2 0 0 1 0 1.7l-5.4 5.4z"/><path d="m7 7 6.2 6.2M7.5 15.6h8.5"/>`,
  lasso: svg`<ellipse cx="10" cy="8" rx="6.6" ry="4.3" stroke-dasharray="2.6 2"/><path d="M6.2 11.6c-1.6.5-2 2.4-.6 3 1.6.7 3.4-.6 2.3 2.2"/>`,
  undo: svg`<path d="M7 4.5 3.8 7.7 7 10.9"/><path d="M4 7.7h7.8a4 4 0 0 1 0 8H8"/>`,
  redo: svg`<path d="m13 4.5 3.2 3.2L13 10.9"/><path d="M16 7.7H8.2a4 4 0 0 0 0 8H12"/>`,
  table: svg`<rect x="3.5" y="4" width="13" height="12" rx="1.5"/><path d="M3.5 8h13M3.5 12h13M9 8v8"/>`,
  trash: svg`<path d="M4 6h12M8 6V4.2h4V6M5.5 6l.7 10h7.6l.7-10"/>`,
  loop: svg`<path d="M15.6 8.2A6 6 0 0 0 4.6 7.4M4.4 11.8a6 6 0 0 0 11 .8"/><path d="M4.2 3.8v3.8H8M15.8 16.2v-3.8H12"/>`,
  chart: svg`<path d="M3.5 3.5v13h13"/><path d="m6 12.5 3-4 2.5 2.2 4-5.4"/>`,
  sliders: svg`<path d="M3.5 6h6M13.5 6h3M3.5 14h3M10.5 14h6"/><circle cx="11.5" cy="6" r="1.9"/><circle cx="8.5" cy="14" r="1.9"/>`,
  more: svg`<path d="M5 10h.01M10 10h.01M15 10h.01" stroke-width="2.6"/>`,
  cube: svg`<path d="m10 3 6 3.3v7.2L10 17l-6-3.5V6.3z"/><path d="m4 6.3 6 3.4 6-3.4M10 9.7V17"/>`,
};

/** @param {keyof typeof PATHS} name */
export function icon(name) {
  return html`<svg class="icon" viewBox="0 0 20 20" aria-hidden="true">${PATHS[name]}</svg>`;
}

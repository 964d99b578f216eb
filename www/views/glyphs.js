/** What each layer looks like, in the size of a word: the signs of the legend. */

import { svg } from 'lit';

/** @import {Layer} from '../state/store.js' */

/** @type {Record<Layer, import('lit').TemplateResult<2>>} */
export const GLYPHS = {
  landscape: svg`<rect class="glyph-heat" x="1" y="2" width="14" height="12" rx="2"/>`,
  contours: svg`<path class="glyph-line" d="M1 11C4 4 7 13 15 5M1 14.5C5 8 9 15 15 9"/>`,
  arrows: svg`<path class="glyph-line" d="M2 13 13 3M7.5 3H13v5.5"/>`,
  data: svg`<circle class="glyph-data" cx="8" cy="8" r="4.5"/>`,
  particles: svg`<path class="glyph-model" d="M8 2.5 13.5 8 8 13.5 2.5 8Z"/>`,
  trails: svg`<path class="glyph-trail" d="M1 13 5 9 8 11 12 5"/><path class="glyph-model" d="M12.5 1.5 16 5l-3.5 3.5L9 5Z"/>`,
  test: svg`<path class="glyph-test" d="M4 4l8 8M12 4l-8 8"/>`,
};

/** The scripting interface that the page publishes; README.md documents it. */
declare const ebm: any;

/** Added by the tests: a typed array as one string, to leave the page with. */
declare const pack: (array: ArrayBufferView) => string;

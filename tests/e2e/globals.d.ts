/** The scripting interface that the page publishes; README.md documents it. */
declare const ebm: any;

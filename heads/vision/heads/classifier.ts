/** What an image shows: one of several classes, from the mean over its tokens. */
export { type Classification, type ClassifierOptions, classifier } from '../../classifier.ts';

/** What a sentence means: one of several classes, from the mean over its tokens (padding left out). */
export { type Classification, type ClassifierOptions, classifier } from '../../classifier.ts';

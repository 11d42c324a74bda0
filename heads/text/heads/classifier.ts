/** The classifier tells what a sentence means: one of several classes. */
export { type Classification, type ClassifierOptions, classifier } from '../../classifier.ts';

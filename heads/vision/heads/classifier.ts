/** The classifier tells what an image shows: one of several classes. */
export { type Classification, type ClassifierOptions, classifier } from '../../classifier.ts';

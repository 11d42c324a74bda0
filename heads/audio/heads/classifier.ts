/** The classifier tells what a recording holds: one of several classes. */
export { type Classification, type ClassifierOptions, classifier } from '../../classifier.ts';

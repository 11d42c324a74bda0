import type { Lesson } from './relations.ts';

/** Numbers before the objects of a lesson: action, reward, two of `moved`, agent, ended, and how many objects follow. */
const HEAD = 7;
/** Numbers of an object: type, down, right, gone. */
const OBJECT = 4;

/** Puts lessons one after the other into one array, which a checkpoint saves as it is. */
export function packLessons(lessons: readonly Lesson[]): Float32Array {
  return Float32Array.from(
    lessons.flatMap(({ action, reward, moved, agent, ended, relations, gone }) => [
      ...[action, reward, moved.down, moved.right, agent, Number(ended), relations.length],
      ...relations.flatMap(({ type, down, right }, i) => [type, down, right, Number(gone.includes(i))]),
    ]),
  );
}

/** Takes the lesson of this number out again. */
export function unpackLesson(packed: Float32Array, number: number): Lesson {
  let at = 0;
  for (let i = 0; i < number; i++) at += HEAD + packed[at + HEAD - 1]! * OBJECT;
  const [action, reward, down, right, agent, ended, count] = packed.subarray(at, at + HEAD);
  const objects = Array.from({ length: count! }, (_, i) => {
    const from = at + HEAD + i * OBJECT;
    return packed.subarray(from, from + OBJECT);
  });
  return {
    agent: agent!,
    relations: objects.map(([type, down, right]) => ({ type: type!, down: down!, right: right! })),
    action: action!,
    reward: reward!,
    moved: { down: down!, right: right! },
    gone: objects.flatMap(([, , , gone], i) => (gone === 1 ? [i] : [])),
    ended: ended === 1,
  };
}

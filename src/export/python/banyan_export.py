"""Makes inputs of raw examples for the functions of this export, and says what their outputs mean. It needs numpy alone.

    from banyan_export import Export
    task = Export('exported').task('clothing')
    inputs = task.prepare([picture])                  # {'input': int32 [1, 28, 28, 1]}
    task.decode({'output': scores})                   # [{'class': 6, 'probabilities': [...], 'label': 'shirt'}]

`python banyan_export.py FOLDER` holds it against the examples that lie in the export, and says which tasks it can prepare and decode.
"""
import base64
import json
import pathlib
import sys
import unicodedata

import numpy as np

# Preparations: each takes a raw example, the shape of one input, and the settings of its stem.


def numbers(raw, shape, /, **_):
    """Numbers as they are; bytes are whole numbers of 32 bits."""
    array = np.asarray(raw)
    return array.astype(np.float32 if array.dtype.kind == 'f' else np.int32).reshape(shape)


def peak(raw, shape, /, samples, quiet, **_):
    """A recording divided by its peak, cut to so many samples."""
    raw = np.asarray(raw, np.float32).astype(np.float64)
    heard = (raw / (np.abs(raw).max() + quiet)).astype(np.float32)[:samples]
    return np.concatenate([heard, np.zeros(shape[0] - len(heard), np.float32)])


# What has no look of its own (Default_Ignorable_Code_Point of Unicode).
INVISIBLE = [
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F),
    (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
]
SPACES = set('\t\n\v\f\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000')
# Scripts without spaces, whose words the framework finds by dictionaries that Python does not have.
UNSPACED = ('CJK', 'HIRAGANA', 'KATAKANA', 'THAI', 'LAO', 'KHMER', 'MYANMAR')


def tokens_of(text):
    """Runs of letters with their marks, and every other character that is no space."""
    visible = ''.join(c for c in text if not any(low <= ord(c) <= high for low, high in INVISIBLE))
    found, run = [], ''
    for character in unicodedata.normalize('NFC', visible).lower():
        if unicodedata.name(character, '').startswith(UNSPACED):
            raise ValueError(f'{text!r} has words without spaces, expected a script with them. Prepare it by the framework.')
        if unicodedata.category(character)[0] in 'LM':
            run += character
            continue
        found += [run] if run else []
        run = ''
        found += [] if character in SPACES else [character]
    return found + ([run] if run else [])


def fnv1a(text):
    value = 0x811C9DC5
    units = text.encode('utf-16-le')
    for i in range(0, len(units), 2):
        value = ((value ^ int.from_bytes(units[i : i + 2], 'little')) * 0x01000193) & 0xFFFFFFFF
    return value


def pieces_of(words, buckets, count):
    """Of each word the pair with the next one, and its runs of three to five characters, by their hashes."""
    for i, word in enumerate(words):
        pair = 1 + fnv1a(f'{word} {words[i + 1]}') % buckets if i + 1 < len(words) else 0
        marked = f'<{word}>'
        runs = [marked[at : at + size] for size in (3, 4, 5) for at in range(len(marked) - size + 1)]
        yield ([pair] + [1 + fnv1a(run) % buckets for run in runs] + [0] * count)[:count]


def words(raw, shape, /, vocabulary, length, pieces, **_):
    """Ids of words: 0 is padding, 1 an unknown word, and the first of the vocabulary is 2."""
    ids = {word: i + 2 for i, word in enumerate(vocabulary)}
    found = tokens_of(raw)[:length]
    rows = [[ids.get(word, 1)] for word in found] or [[1]]
    if pieces > 0:
        parts = list(pieces_of(found, pieces, shape[1] - 1)) or [[0] * (shape[1] - 1)]
        rows = [row + part for row, part in zip(rows, parts)]
    filled = np.zeros([shape[0], len(rows[0])], np.int32)
    filled[: len(rows)] = rows
    return filled.reshape(shape)


def columns(raw, shape, /, scaling, statistics=None, **_):
    """Numbers of a row, standardised, and which of them are missing (None or NaN)."""
    missing = np.array([x is None or x != x for x in raw])
    values = np.array([0 if lost else x for x, lost in zip(raw, missing)], np.float64)
    if scaling == 'standard':
        mean, deviation = np.array(statistics['mean'], float), np.array(statistics['deviation'], float)
        values = np.where(deviation > 0, (values - mean) / np.where(deviation > 0, deviation, 1), 0)
    return np.stack([np.where(missing, 0, values), missing]).astype(np.float32)


def categories(raw, shape, /, categories, **_):
    """Ids of the categories of a row; the first two of each column are a missing and an unknown one."""
    starts = np.cumsum([2 * len(categories)] + [len(each) for each in categories])
    return np.array(
        [
            2 * i + (0 if cell is None else 1) if cell is None or cell not in known else starts[i] + known.index(cell)
            for i, (cell, known) in enumerate(zip(raw, categories))
        ],
        np.int32,
    )


# Decodings: each takes the outputs of one example by name, and the settings of its head.


def classes(output, /, classes=None, **_):
    exponentials = np.exp(output['output'].astype(np.float64) - output['output'].max())
    probabilities = (exponentials / exponentials.sum()).astype(np.float32)
    best = int(probabilities.argmax())
    label = {} if classes is None else {'label': classes[best]}
    return {'class': best, 'probabilities': probabilities, **label}


def tags(output, /, tags, **_):
    probabilities = (1 / (1 + np.exp(-output['output'].astype(np.float64)))).astype(np.float32)
    return {'tags': [name for name, p in zip(tags, probabilities) if p >= 0.5], 'probabilities': probabilities, 'names': tags}


PREPARATIONS = {each.__name__: each for each in (numbers, peak, words, columns, categories)}
DECODINGS = {each.__name__: each for each in (classes, tags)}


def array_of(value):
    """A typed array as it stands in the manifest."""
    return np.frombuffer(base64.b64decode(value['base64']), value['dtype'])


def revived(value):
    """A raw example of the manifest, with arrays for what is one."""
    if isinstance(value, dict) and set(value) == {'dtype', 'base64'}:
        return array_of(value)
    return {name: revived(part) for name, part in value.items()} if isinstance(value, dict) else value


class Task:
    def __init__(self, manifest, functions):
        self.manifest = manifest
        self.name = manifest['name']
        self.inputs = next(f for f in functions if f['task'] == self.name)['inputs']

    @property
    def prepares(self):
        """Whether all of its inputs can be prepared here."""
        declared = self.manifest.get('prepare', {})
        return all(declared.get(tensor['name'], {}).get('kind') in PREPARATIONS for tensor in self.inputs)

    @property
    def decodes(self):
        return self.manifest.get('decode', {}).get('kind') in DECODINGS

    def prepare(self, examples):
        """Inputs by name, for a batch of raw examples: arrays, texts, lists; of several inputs a dict of them each."""
        if not self.prepares:
            raise ValueError(f'Task {self.name!r} has an input whose preparation is of no kind that is known here. Prepare it by the framework.')
        several = len(self.inputs) > 1
        return {
            tensor['name']: np.stack([self._prepared(tensor, raw[tensor['name']] if several else raw) for raw in examples])
            for tensor in self.inputs
        }

    def _prepared(self, tensor, raw):
        settings = {**self.manifest['inputs'][tensor['name']], **self.manifest['prepare'][tensor['name']]}
        return PREPARATIONS[settings.pop('kind')](raw, tensor['shape'][1:], **settings)

    def decode(self, outputs):
        """What the outputs of a batch mean, an example each. `outputs`: arrays by name."""
        if not self.decodes:
            raise ValueError(f'Task {self.name!r} has a head whose decoding is of no kind that is known here. Decode it by the framework.')
        settings = {**self.manifest['head'], **self.manifest['decode']}
        decode = DECODINGS[settings.pop('kind')]
        count = len(next(iter(outputs.values())))
        return [decode({name: np.asarray(rows[i]) for name, rows in outputs.items()}, **settings) for i in range(count)]


class Export:
    """An export's folder, by what `banyan-export.json` in it tells."""

    def __init__(self, folder=pathlib.Path(__file__).parent):
        manifest = json.loads((pathlib.Path(folder) / 'banyan-export.json').read_text('utf8'))
        self.tasks = {task['name']: Task(task, manifest['functions']) for task in manifest['tasks']}

    def task(self, name):
        return self.tasks[name]


def same(found, told):
    """Whether a prediction is the one that is told, up to the last digits of its numbers."""
    if isinstance(told, dict):
        return found.keys() == told.keys() and all(same(found[name], told[name]) for name in told)
    if isinstance(told, np.ndarray) or isinstance(told, float):
        return bool(np.allclose(found, told, rtol=0, atol=1e-6))
    return found == told


def check(task):
    """How many examples of the manifest are prepared to the bit, and how many decoded to what was predicted; None where it cannot."""
    examples = task.manifest['examples']
    prepared = decoded = None
    if task.prepares:
        inputs = task.prepare([revived(example['raw']) for example in examples])
        told = task.manifest['prepared']
        expected = {each['name']: padded(told[each['name']], each['shape'][1:]) for each in task.inputs}
        equal = lambda name, i: inputs[name].dtype == expected[name].dtype and inputs[name][i].tobytes() == expected[name][i].tobytes()
        prepared = sum(all(equal(name, i) for name in inputs) for i in range(len(examples)))
    if task.decodes:
        decoded = 0
        for example in examples:
            outputs = {name: array_of(value)[None] for name, value in example['output'].items()}
            decoded += same(task.decode(outputs)[0], revived(example['prediction']))
    return {'examples': len(examples), 'prepared': prepared, 'decoded': decoded}


def padded(tensor, shape):
    """A prepared batch, filled up with 0 to the shape that the function takes."""
    array = array_of(tensor['values']).reshape(tensor['shape'])
    return np.pad(array, [(0, 0)] + [(0, whole - part) for whole, part in zip(shape, array.shape[1:])])


if __name__ == '__main__':
    found = {name: check(task) for name, task in Export(*sys.argv[1:2]).tasks.items()}
    print(json.dumps(found))
    sys.exit(any(part not in (None, each['examples']) for each in found.values() for part in (each['prepared'], each['decoded'])))

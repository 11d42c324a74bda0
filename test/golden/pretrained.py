"""Small random models by the libraries themselves, with what they give: python pretrained.py FOLDER SEED [half]

Writes into FOLDER the models as their libraries save them, and expected.json: the inputs, and the outputs of each. With `half` the weights
are float16 and bfloat16, BERT lies in two files, and all files are packed into FOLDER.json: pretrained.json is made by
`python pretrained.py pretrained 3 half`. Needs torch, transformers, keras 3 and tokenizers.
"""
import base64
import glob
import json
import os
import sys
import zlib

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy
import torch
from tokenizers import BertWordPieceTokenizer
from transformers import BertConfig, BertModel, ViTConfig, ViTModel

folder, seed, half = sys.argv[1], int(sys.argv[2]), "half" in sys.argv
os.makedirs(folder, exist_ok=True)
torch.manual_seed(seed)
keras.utils.set_random_seed(seed)
random = numpy.random.default_rng(seed)
expected = {"versions": {m.__name__: m.__version__ for m in (torch, keras)}}

# Word pieces, and texts with all that is odd.
pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##aff", "##able", "play", "##ing", "##ed", "the", "cafe", "σας", "i", "!", "?"]
pieces += [",", "$", "'", "-", "中", "文", "##s", "a", "##b", "want", "##want", "run", "…", "1", "##2"]
with open(f"{folder}/vocab.txt", "w") as file:
    file.write("\n".join(pieces) + "\n")
texts = ["Unaffable playing!", "the café wants $12, i?", "  中文run\tplayed\n", "ΣΑΣ Café", "a" * 101, "ab aab - 'the'", "run…the\u200bcafe"]
texts += ["", "UNPLAYABLE zebra", "i\u00a0want\u0000 the"]
tokenizer = BertWordPieceTokenizer(f"{folder}/vocab.txt", lowercase=True)
expected["pieces"] = {text: tokenizer.encode(text, add_special_tokens=False).ids for text in texts}


def spread(model):
    """Weights as large as trained ones are: of 0.02, nothing would be told apart."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return model.eval()


def stored(model, dtype):
    """Its numbers as they are in the file."""
    return model.to(dtype).float() if half else model


bert = spread(BertModel(BertConfig(vocab_size=len(pieces), hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
                                   intermediate_size=32, max_position_embeddings=14)))
bert = stored(bert, torch.float16)
(bert.half() if half else bert).save_pretrained(f"{folder}/bert", **({"max_shard_size": "6KB"} if half else {}))
bert.float()
pairs = [["unaffable playing", "the cafe!"], ["i want"], ["run", "a"]]
expected["bert"] = []
for pair in pairs:
    encoded = tokenizer.encode(*pair)
    ids, types = torch.tensor([encoded.ids]), torch.tensor([encoded.type_ids])
    with torch.no_grad():
        output = bert(input_ids=ids, token_type_ids=types).last_hidden_state[0]
    expected["bert"].append({"texts": pair, "output": output.tolist()})

vit = spread(ViTModel(ViTConfig(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, image_size=8,
                                patch_size=4, num_channels=2)))
vit = stored(vit, torch.bfloat16)
(vit.bfloat16() if half else vit).save_pretrained(f"{folder}/vit")
vit.float()
pictures = random.normal(size=(3, 8, 8, 2)).astype("float32")
with torch.no_grad():
    output = vit(pixel_values=torch.tensor(pictures.transpose(0, 3, 1, 2).copy())).last_hidden_state
expected["vit"] = {"pictures": pictures.reshape(3, -1).tolist(), "output": output.tolist()}

layers = keras.layers
model = keras.Sequential([
    layers.Input((6, 6, 1)),
    layers.Conv2D(3, 3, activation="relu"),
    layers.BatchNormalization(),
    layers.Flatten(),
    layers.Dense(8, activation="tanh"),
    layers.Dense(4),
])
model.set_weights([numpy.abs(0.4 * random.normal(size=weight.shape)).astype("float32") if "variance" in weight.name
                   else 0.4 * random.normal(size=weight.shape).astype("float32") for weight in model.weights])
model.save_weights(f"{folder}/layers.weights.h5")
model.compile(optimizer="adam", loss="mse")
model.save(f"{folder}/layers.keras")
pictures = random.normal(size=(3, 6, 6, 1)).astype("float32")
expected["keras"] = {"pictures": pictures.reshape(3, -1).tolist(), "output": keras.ops.convert_to_numpy(model(pictures)).tolist()}


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.7g}")
    if isinstance(value, list):
        return [rounded(part) for part in value]
    return {key: rounded(part) for key, part in value.items()} if isinstance(value, dict) else value


with open(f"{folder}/expected.json", "w") as file:
    json.dump(rounded(expected), file, ensure_ascii=False)

if half:
    packed = {}
    for path in sorted(glob.glob(f"{folder}/**/*.*", recursive=True)):
        if not path.endswith("config.json"):
            with open(path, "rb") as file:
                packed[os.path.relpath(path, folder)] = base64.b64encode(zlib.compress(file.read(), 9)).decode()
    with open(f"{folder}.json", "w") as file:
        json.dump(packed, file, indent=2)

"""Makes byte-pair.json: merges and ids by HuggingFace's tokenizers 0.23.3 (pip install tokenizers). python test/golden/byte-pair.py"""
import json
import pathlib

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

TEXTS = [
    "The lower the newer, isn't it? It's 12 or 123, they'll see; we've 2026 of them.",
    "low lower lowest newer newest wider widest",
    "Anna helped Ben. Ben thanked Anna, and then Anna helped Clara.",
    "naïve café, Größe, Straße, smørrebrød, Ünïcode",
    "中文字符 中文 漢字かな交じり文",
    "👩‍👩‍👧‍👦 🙂🙂 e\u0301e\u0301 e\u0301 ﬁne",
    "the   spaces\tand\n\nlines  the   spaces\tand\n\nlines",
    "аналогично, он сказал: «да»",
] * 2
AWKWARD = [
    "",
    " ",
    "   ",
    "\n \t\n",
    "a",
    " a",
    "a ",
    "the lower the newer",
    "I'M HERE, isn't it? 'tis",
    "1234567890 12 3",
    "e\u0301 é \u0301",
    "👩‍👩‍👧‍👦🙂",
    "中文字符漢字",
    "\u0000\u0001\u007f\u0085\u009f\u200b\ufeff\u2028",
    "low" * 500,
    "<|end|>the<|end|><|end|> lower <|end",
    "Ā Ġ Ċ",
    "\U0010ffff\uffff",
]


def trained(added):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400, min_frequency=2, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(TEXTS, trainer)
    tokenizer.add_tokens(added)
    return tokenizer


plain, with_added = trained([]), trained(["<|end|>", "<|end|><|end|>"])
file = json.loads(with_added.to_str())
here = pathlib.Path(__file__).parent
result = {
    "meta": "tokenizers 0.23.3, test/golden/byte-pair.py",
    "texts": TEXTS,
    "merges": json.loads(plain.to_str())["model"]["merges"],
    "awkward": [[text, plain.encode(text).ids, with_added.encode(text).ids] for text in AWKWARD],
    "file": file,
}
(here / "byte-pair.json").write_text(json.dumps(result, ensure_ascii=True) + "\n")

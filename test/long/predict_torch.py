"""A peer of `banyan bench predict`: the same networks in PyTorch, in inference mode. From numbers in numpy to scores in numpy, a batch of each stem's
first task. BANYAN_PEERS=test/long; python predict_torch.py NETWORK BATCH [--compile]: one line of JSON. The faster of two layouts counts where there are two,
and the faster of one and all threads."""
import json, os, re, resource, statistics, sys, time
import numpy, torch, torch.nn as nn, torch.nn.functional as F

network, batch, compiled = sys.argv[1], int(sys.argv[2]), '--compile' in sys.argv


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.packed, self.merge = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.widen, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x, mask=None):
        batch, positions, width = x.shape
        packed = self.packed(self.first(x)).view(batch, positions, 3, self.heads, width // self.heads)
        mixed = F.scaled_dot_product_attention(*packed.permute(2, 0, 3, 1, 4), attn_mask=mask)
        x = x + self.merge(mixed.transpose(1, 2).reshape(batch, positions, width))
        return x + self.narrow(F.relu(self.widen(self.second(x))))


class Cnn(nn.Module):
    """One head of 10 classes."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(3136, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))

    def forward(self, pictures):
        return [self.layers(pictures)]


class Transformer(nn.Module):
    """Three stems, 4 blocks of width 128 for all, the mean token, three heads."""

    def __init__(self, width=128):
        super().__init__()
        self.trunk = nn.ModuleList(Block(width, 4) for _ in range(4))
        self.pictures, self.sounds, self.texts = nn.Linear(49, width), nn.Linear(64, width), nn.Embedding(5000, width)
        self.positions = nn.ParameterList(nn.Parameter(torch.randn(count, width)) for count in (16, 32, 64))
        self.heads = nn.ModuleList(nn.Linear(width, classes) for classes in (10, 10, 4))

    def forward(self, *inputs):
        scores = []
        for stem, place, head, x in zip((self.pictures, self.sounds, self.texts), self.positions, self.heads, inputs):
            x = stem(x) + place
            for block in self.trunk:
                x = block(x)
            scores.append(head(x.mean(1)))
        return scores


def mel_bank(mels, fft, rate, low, high):
    """Triangles on the mel scale, [mels, fft / 2 + 1]."""
    mel = lambda hertz: 2595 * numpy.log10(1 + hertz / 700)
    edges = 700 * (10 ** (numpy.linspace(mel(low), mel(high), mels + 2) / 2595) - 1)
    bins = numpy.arange(fft // 2 + 1) * rate / fft
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return torch.tensor(numpy.maximum(0, numpy.minimum(rising, falling)), dtype=torch.float32)


class Joint(nn.Module):
    """The joint network, from what `predict` takes: pictures, a second of sound at 8 kHz, sentences."""

    def __init__(self, width=128):
        super().__init__()
        self.trunk, self.norm = nn.ModuleList(Block(width, 4) for _ in range(4)), nn.LayerNorm(width)
        self.pictures = nn.Sequential(
            nn.Conv2d(1, 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
            nn.Conv2d(32, 64, 3, 2, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.Conv2d(64, width, 3, 2, 1))
        self.register_buffer('window', torch.hann_window(200))
        self.register_buffer('mels', mel_bank(40, 256, 8000, 60, 4000))
        self.sounds = nn.Sequential(nn.Conv1d(40, width, 5, 2, 2), nn.ReLU(), nn.Conv1d(width, width, 5, 2, 2))
        self.texts = nn.Embedding(3000, width, padding_idx=0)
        self.positions = nn.ParameterList(nn.Parameter(torch.randn(count, width)) for count in (49, 25, 32))
        self.queries = nn.Linear(width, 4, bias=False)
        self.heads = nn.ModuleList([nn.Linear(49 * width, 10), nn.Linear(25 * width, 10), nn.Linear(4 * width, 77)])

    def encode(self, x, mask=None):
        for block in self.trunk:
            x = block(x, mask)
        return self.norm(x)

    def forward(self, pictures, sounds, texts):
        x = self.pictures(pictures / 255 - 0.286).flatten(2).transpose(1, 2) + self.positions[0]
        power = torch.stft(sounds, 256, 80, 200, self.window, center=False, return_complex=True).abs().square()
        spectrogram = ((self.mels @ power + 1e-4).log() + 6.2) / 4.2  # [batch, 40 mels, 97 frames]
        y = self.sounds(spectrogram).transpose(1, 2) + self.positions[1]
        open_ = texts > 0
        z = self.encode(self.texts(texts) + self.positions[2][: texts.shape[1]], open_[:, None, None, :])
        looks = self.queries(z).masked_fill(~open_[..., None], -1e9).softmax(1).transpose(1, 2)
        features = [self.encode(x).flatten(1), self.encode(y).flatten(1), (looks @ z).flatten(1)]
        return [head(each) for head, each in zip(self.heads, features)]


random = numpy.random.default_rng(1)
normal = lambda *shape: random.standard_normal((batch, *shape)).astype('float32')
models = {
    'cnn-3-heads': lambda: (Cnn(), [normal(1, 28, 28)]),
    'transformer-3-modalities': lambda: (Transformer(), [normal(16, 49), normal(32, 64), random.integers(0, 5000, (batch, 64))]),
    'joint-real': lambda: (Joint(), [normal(1, 28, 28), normal(8000), sentences(12 if batch == 1 else 25)]),
}
words = {f'word{i}': i for i in range(1, 3000)}


def sentences(length):
    return [' '.join(f'word{i}' for i in random.integers(1, 3000, length)) for _ in range(batch)]


def tensor_of(raw):
    """Numbers as they are; of sentences the numbers of their words."""
    if not isinstance(raw, list):
        return torch.from_numpy(raw)
    split = [re.findall(r'[a-z0-9]+', sentence.lower()) for sentence in raw]
    longest = max(map(len, split))
    return torch.tensor([[words.get(word, 1) for word in sentence] + [0] * (longest - len(sentence)) for sentence in split])


def measure(threads, layout):
    torch.set_num_threads(threads)
    model, inputs = models[network]()
    model = model.eval().to(memory_format=layout)
    forward = torch.compile(model) if compiled else model

    def once():
        with torch.inference_mode():
            return [scores.numpy() for scores in forward(*map(tensor_of, inputs))]

    warm, begun = 0, time.perf_counter()
    while warm < 5 or time.perf_counter() < begun + 0.3:
        once()
        warm += 1
    times, end, spent = [], time.perf_counter() + 1.5, time.process_time()
    while len(times) < 20 or time.perf_counter() < end:
        begin = time.perf_counter()
        once()
        times.append(1e3 * (time.perf_counter() - begin))
    return statistics.median(times), 1e3 * (time.process_time() - spent) / len(times)


layouts = [torch.contiguous_format] if network.startswith('transformer') else [torch.contiguous_format, torch.channels_last]
every = sorted({1, len(os.sched_getaffinity(0))} if batch == 1 and not compiled else {len(os.sched_getaffinity(0))})
measured = [measure(threads, layout) for threads in every for layout in layouts]
print(json.dumps({
    'msPerStep': min(each for each, _ in measured), 'processorMs': min(each for _, each in measured),
    'peakMemoryMB': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))

"""A peer of `banyan serve` for serve-load.ts: FastAPI, uvicorn and the network of src/cli/bench/networks/transformer.ts in PyTorch, in inference mode.
It answers the body of POST /predict/pictures one by one, in the event loop, or with --batch N as many together as have come meanwhile.
pip install torch fastapi uvicorn uvloop httptools; python serve_torch.py [--port 8000] [--batch 1] [--threads 2]"""
import argparse, asyncio, base64, contextlib
import torch, torch.nn as nn, torch.nn.functional as F, uvicorn
from fastapi import FastAPI, Request

arguments = argparse.ArgumentParser()
for name, default in (('port', 8000), ('batch', 1), ('threads', 2)):
    arguments.add_argument(f'--{name}', type=int, default=default)
options = arguments.parse_args()
torch.set_num_threads(options.threads)


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.packed, self.merge = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.widen, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        batch, positions, width = x.shape
        packed = self.packed(self.first(x)).view(batch, positions, 3, self.heads, width // self.heads)
        mixed = F.scaled_dot_product_attention(*packed.permute(2, 0, 3, 1, 4))
        x = x + self.merge(mixed.transpose(1, 2).reshape(batch, positions, width))
        return x + self.narrow(F.relu(self.widen(self.second(x))))


class Pictures(nn.Module):
    """Width 128, 4 blocks, 4 heads; 16 tokens of 49 numbers, learned positions, the mean token, 10 classes."""

    def __init__(self, width=128):
        super().__init__()
        self.embed, self.positions = nn.Linear(49, width), nn.Parameter(torch.randn(16, width) * 0.02)
        self.trunk = nn.Sequential(*(Block(width, 4) for _ in range(4)))
        self.logits = nn.Linear(width, 10)

    def forward(self, x):
        return self.logits(self.trunk(self.embed(x) + self.positions).mean(1))


model = Pictures().eval()
waiting, arrived = [], asyncio.Event()


def compute(inputs):
    with torch.inference_mode():
        return model(torch.stack(inputs)).tolist()


async def work():
    """Computes together what has come while the batch before was computed."""
    while True:
        await arrived.wait()
        batch = [waiting.pop(0) for _ in range(min(options.batch, len(waiting)))]
        results = await asyncio.to_thread(compute, [tensor for tensor, _ in batch])
        for (_, done), result in zip(batch, results):
            done.set_result(result)
        if not waiting:
            arrived.clear()


@contextlib.asynccontextmanager
async def running(_):
    worker = asyncio.create_task(work())
    yield
    worker.cancel()


app = FastAPI(lifespan=running)


@app.post('/predict/pictures')
async def predict(request: Request):
    tensors = [
        torch.frombuffer(bytearray(base64.b64decode(each['base64'])), dtype=torch.float32).view(16, 49)
        for each in (await request.json())['inputs']
    ]
    if options.batch == 1:
        return {'predictions': compute(tensors)}
    futures = [asyncio.get_running_loop().create_future() for _ in tensors]
    waiting.extend(zip(tensors, futures))
    arrived.set()
    return {'predictions': await asyncio.gather(*futures)}


compute([torch.zeros(16, 49)])
uvicorn.run(app, port=options.port, log_level='warning')

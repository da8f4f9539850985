"""PhysFormer in PyTorch, written from the paper: what bench_physformer runs beside ours.

Reads commands from standard input, one a line, and answers each with one line:
  forward   one forward pass in evaluation mode  -> seconds
  train     forward and backward, batch statistics and dropout -> seconds
One clip [1, 3, 160, 128, 128]. The argument is the number of threads; seconds are the clock's, of
one thread its CPU time. Prints "ready VERSION" first.
"""
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

WIDTH, FF, HEADS, THETA, SHARP, DROP = 96, 144, 4, 0.7, 2.0, 0.1


class Difference(nn.Module):
    """Convolution minus theta times its own weights' sum at time taps 0 and 2."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv3d(WIDTH, WIDTH, 3, padding=1, bias=False)

    def forward(self, x):
        w = self.conv.weight
        taps = (w[:, :, 0].sum((2, 3)) + w[:, :, 2].sum((2, 3)))[:, :, None, None, None]
        return self.conv(x) - THETA * F.conv3d(x, taps)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj_q = nn.Sequential(Difference(), nn.BatchNorm3d(WIDTH))
        self.proj_k = nn.Sequential(Difference(), nn.BatchNorm3d(WIDTH))
        self.proj_v = nn.Sequential(nn.Conv3d(WIDTH, WIDTH, 1, bias=False))
        self.drop = nn.Dropout(DROP)

    def forward(self, x):  # [B, S, C]
        b, s, c = x.shape
        x = x.transpose(1, 2).reshape(b, c, s // 16, 4, 4)
        q, k, v = (p(x).flatten(2).transpose(1, 2).reshape(b, s, HEADS, -1).transpose(1, 2)
                   for p in (self.proj_q, self.proj_k, self.proj_v))
        a = self.drop(torch.softmax(q @ k.transpose(2, 3) / SHARP, -1))
        return (a @ v).transpose(1, 2).reshape(b, s, c)


class FeedForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Sequential(nn.Conv3d(WIDTH, FF, 1, bias=False), nn.BatchNorm3d(FF), nn.ELU())
        self.STConv = nn.Sequential(nn.Conv3d(FF, FF, 3, padding=1, groups=FF, bias=False),
                                    nn.BatchNorm3d(FF), nn.ELU())
        self.fc2 = nn.Sequential(nn.Conv3d(FF, WIDTH, 1, bias=False), nn.BatchNorm3d(WIDTH))

    def forward(self, x):
        b, s, c = x.shape
        x = x.transpose(1, 2).reshape(b, c, s // 16, 4, 4)
        return self.fc2(self.STConv(self.fc1(x))).flatten(2).transpose(1, 2)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attn = Attention()
        self.proj = nn.Linear(WIDTH, WIDTH)
        self.norm1 = nn.LayerNorm(WIDTH, eps=1e-6)
        self.pwff = FeedForward()
        self.norm2 = nn.LayerNorm(WIDTH, eps=1e-6)
        self.drop = nn.Dropout(DROP)

    def forward(self, x):
        x = x + self.drop(self.proj(self.attn(self.norm1(x))))
        return x + self.drop(self.pwff(self.norm2(x)))


class Group(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList(Block() for _ in range(4))

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x


def stem(c_in, c_out, k):
    return nn.Sequential(nn.Conv3d(c_in, c_out, k, padding=tuple(n // 2 for n in k)),
                         nn.BatchNorm3d(c_out), nn.ReLU(), nn.MaxPool3d((1, 2, 2)))


def upsample(c_out):
    return nn.Sequential(nn.Upsample(scale_factor=(2, 1, 1)),
                         nn.Conv3d(WIDTH, c_out, (3, 1, 1), padding=(1, 0, 0)),
                         nn.BatchNorm3d(c_out), nn.ELU())


class PhysFormer(nn.Module):
    def __init__(self):
        super().__init__()
        self.Stem0 = stem(3, WIDTH // 4, (1, 5, 5))
        self.Stem1 = stem(WIDTH // 4, WIDTH // 2, (3, 3, 3))
        self.Stem2 = stem(WIDTH // 2, WIDTH, (3, 3, 3))
        self.patch_embedding = nn.Conv3d(WIDTH, WIDTH, 4, stride=4)
        self.transformer1, self.transformer2, self.transformer3 = Group(), Group(), Group()
        self.upsample, self.upsample2 = upsample(WIDTH), upsample(WIDTH // 2)
        self.ConvBlockLast = nn.Conv1d(WIDTH // 2, 1, 1)

    def forward(self, x):
        b, _, t, _, _ = x.shape
        x = self.patch_embedding(self.Stem2(self.Stem1(self.Stem0(x)))).flatten(2).transpose(1, 2)
        x = self.transformer3(self.transformer2(self.transformer1(x)))
        x = x.transpose(1, 2).reshape(b, WIDTH, t // 4, 4, 4)
        x = self.upsample2(self.upsample(x)).mean((3, 4))
        return self.ConvBlockLast(x).squeeze(1)


def main():
    threads = int(sys.argv[1])
    now = time.thread_time if threads == 1 else time.perf_counter
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    net = PhysFormer()
    clip = torch.rand(1, 3, 160, 128, 128) * 2 - 1
    print("ready", torch.__version__, flush=True)
    for line in sys.stdin:
        start = now()
        if line.strip() == "forward":
            net.eval()
            with torch.inference_mode():
                net(clip)
        elif line.strip() == "train":
            net.train()
            net.zero_grad(set_to_none=True)
            net(clip).sum().backward()
        else:
            break
        print(f"{now() - start:.6f}", flush=True)


if __name__ == "__main__":
    main()

"""A joint training step of UMCL in PyTorch: what bench_train runs beside ours.

Reads from standard input, one a line, "step N": N takes in both views through PhysFormer, LRNet's
two GRUs, the texture network and the head, cross-entropy, ASA and CQSL's correlations, and back; in
one graph, as is usual. Answers with seconds, CPU seconds and the process's peak memory in MB. The
argument is the number of threads. Prints "ready VERSION" first.
"""
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

from physformer import PhysFormer

D = 320
LIMIT = 14 << 30  # bytes: rather no figure than a machine that swaps


class Residual(nn.Module):
    def __init__(self, c_in, c_out, inner):
        super().__init__()
        self.down = self.conv(c_in, c_out, 2)
        self.conv1, self.conv2 = self.conv(c_out, inner, 1), self.conv(inner, c_out, 1)

    @staticmethod
    def conv(c_in, c_out, stride):
        return nn.Sequential(nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False),
                             nn.BatchNorm2d(c_out).eval())

    def forward(self, x):
        x = F.relu(self.down(x))
        return F.relu(x + self.conv2(F.relu(self.conv1(x))))


class Joint(nn.Module):
    def __init__(self):
        super().__init__()
        self.pulse = PhysFormer()
        self.tokens = nn.Linear(7680, 160)
        self.g1 = nn.GRU(136, 32, batch_first=True, bidirectional=True)
        self.g2 = nn.GRU(136, 32, batch_first=True, bidirectional=True)
        self.texture = nn.Sequential(Residual(3, 32, 16), Residual(32, 64, 32), Residual(64, 96, 48),
                                     Residual(96, 128, 64))
        self.project = nn.ModuleList(nn.Linear(k, D) for k in (320, 128, 512, 128))
        self.classifier = nn.Linear(4 * D, 2, bias=False)
        self.groups = []
        for group in (self.pulse.transformer1, self.pulse.transformer2):
            group.register_forward_hook(lambda m, i, out: self.groups.append(out))

    def forward(self, crops, landmarks, text):
        b = len(crops)
        self.groups.clear()
        wave = self.pulse(crops)
        tokens = torch.cat([t.reshape(b, 40, 16, 96).mean(2).flatten(1) for t in self.groups], 1)
        z = torch.cat([wave, self.tokens(tokens)], 1)
        hidden = [g(x)[1].transpose(0, 1).flatten(1)
                  for g, x in ((self.g1, landmarks), (self.g2, landmarks.diff(dim=1)))]
        frames = crops[:, :, ::10].transpose(1, 2).flatten(0, 1)
        texture = self.texture(frames).mean((2, 3)).reshape(b, 16, 128).mean(1)
        parts = [z, torch.cat(hidden, 1), text, texture]
        projected = [p(x) for p, x in zip(self.project, parts)]
        return z, projected, self.classifier(torch.cat(projected, 1))


def losses(z, projected, logits, label):
    n = len(label)
    total = F.cross_entropy(logits, label.repeat(2))
    hq, lq = (v - v.mean(1, keepdim=True) for v in (z[:n], z[n:]))
    total = total + 0.25 * (1 - F.cosine_similarity(hq, lq)).mean()
    real, fake = z[label.repeat(2) == 0], z[label.repeat(2) == 1]
    total = total + 0.25 * F.cosine_similarity(real[:, None], fake[None], dim=2).abs().mean()
    u = F.normalize(torch.stack([(p[:n] + p[n:]) / 2 for p in projected]), dim=2)
    own = (1 + torch.einsum("ibd,jbd->ijb", u, u)) / 2
    other = (1 + torch.einsum("ibd,jcd->ijbc", u, u)) / 2
    pairs = 1 - torch.eye(len(projected))
    total = total + 0.25 * ((1 - own) ** 2 * pairs[:, :, None]).sum((0, 1)).mean()
    apart = (other ** 2 * pairs[:, :, None, None]).sum((0, 1)) * (1 - torch.eye(n))
    return total + 0.25 * apart.sum() / max(1, n * (n - 1))


def main():
    torch.set_num_threads(int(sys.argv[1]))
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))
    torch.manual_seed(0)
    net = Joint()
    for module in net.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.eval()
    print("ready", torch.__version__, flush=True)
    for line in sys.stdin:
        n = int(line.split()[1])
        crops, landmarks = torch.rand(2 * n, 3, 160, 128, 128), torch.rand(2 * n, 160, 136)
        text, label = torch.rand(2 * n, 512), torch.arange(n) % 2
        start, cpu = time.perf_counter(), time.process_time()
        net.zero_grad(set_to_none=True)
        losses(*net(crops, landmarks, text), label).backward()
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        print(f"{seconds:.6f} {cpu:.6f} {peak:.0f}", flush=True)


if __name__ == "__main__":
    main()

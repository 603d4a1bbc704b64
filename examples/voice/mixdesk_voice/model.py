"""The converter: what is said, as a narrow code without the speaker, and a decoder that says it in the learned voice.

In the family of AutoVC (Qian et al., ICML 2019): the bottleneck is what separates content from voice. Two helpers make
it narrow for the voice alone: instance normalisation takes a recording's colour away (AdaIN-VC, Chou et al. 2019), and
in training the encoder hears the voice with formants, tilt and loudness changed at random, while the decoder has to
answer in the true ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

LEAST_DEVIATION = 0.3  # nepers; a band that moves less is empty, as all above 4 kHz of a telephone recording are


@dataclass(frozen=True, slots=True)
class Size:
    """Bands of the mel, width of the layers, numbers in a code, layers a side."""

    bands: int = 80
    width: int = 96
    code: int = 16
    layers: int = 3


class Block(nn.Module):
    """A residual layer over time: normalise, convolve, GELU, drop out. [batch, width, frames] in and out."""

    def __init__(self, width: int, dilation: int, instance: bool) -> None:
        super().__init__()
        self.norm = nn.InstanceNorm1d(width) if instance else nn.GroupNorm(1, width)
        self.conv = nn.Conv1d(width, width, 5, padding=2 * dilation, dilation=dilation)
        self.drop = nn.Dropout(0.1)

    def forward(self, x: Tensor) -> Tensor:
        """Adds what the layer makes of `x` to it."""
        changed: Tensor = self.drop(functional.gelu(self.conv(self.norm(x))))
        return x + changed


class Converter(nn.Module):
    """Log-mel and pitch in, log-mel of the learned voice out."""

    mean: Tensor
    scale: Tensor

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.size = size
        dilations = [2**layer for layer in range(size.layers)]
        self.listen = nn.Conv1d(size.bands, size.width, 5, padding=2)
        self.encoder = nn.Sequential(*(Block(size.width, d, instance=True) for d in dilations))
        self.narrow = nn.Conv1d(size.width, size.code, 4, stride=2, padding=1)
        self.widen = nn.Conv1d(size.code + 2, size.width, 5, padding=2)
        self.decoder = nn.Sequential(*(Block(size.width, d, instance=False) for d in dilations))
        self.speak = nn.Conv1d(size.width, size.bands, 5, padding=2)
        self.register_buffer("mean", torch.zeros(size.bands, 1))
        self.register_buffer("scale", torch.ones(size.bands, 1))

    def normalise(self, mel: Tensor) -> Tensor:
        """Each band with mean 0 and deviation about 1 over the recordings trained on."""
        return (mel - self.mean) / self.scale

    def encode(self, mel: Tensor) -> Tensor:
        """[batch, bands, frames], an even number of them, to codes [batch, code, frames / 2] of absolute value under 1.

        Bands that were empty in training are not listened to: what a stranger has there is like nothing ever heard.
        """
        heard = self.normalise(mel).clamp(-4.0, 4.0) * (self.scale > LEAST_DEVIATION)
        return torch.tanh(self.narrow(self.encoder(self.listen(heard))))

    def decode(self, code: Tensor, pitch: Tensor) -> Tensor:
        """Codes and pitch [batch, 2, frames] (data.condition) to the normalised log-mel [batch, bands, frames]."""
        spread = code.unsqueeze(-1).expand(-1, -1, -1, 2).flatten(2)
        said: Tensor = self.speak(self.decoder(self.widen(torch.cat([spread, pitch], dim=1))))
        return said

    def forward(self, mel: Tensor, pitch: Tensor) -> Tensor:
        """The normalised log-mel of the learned voice saying what `mel` says, at `pitch`."""
        return self.decode(self.encode(mel), pitch)

"""What a service most likely is, by the words in its name and image. Pure; people correct it in the file."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Feature extractors and the like: they serve a model, people do not ask them.
COMPONENTS = frozenset(("hubert", "contentvec", "rmvpe", "crepe", "fcpe", "encoder", "vocoder", "embedder", "vad"))
MODELS = frozenset(
    (
        *("bark", "rvc", "uvr", "uvr5", "demucs", "mdx", "tts", "xtts", "coqui", "piper", "kokoro", "f5", "sovits"),
        *("so-vits-svc", "gpt-sovits", "seed-vc", "diffsinger", "chatterbox", "fish-speech", "musicgen", "acestep"),
        *("whisper", "whisperx", "faster-whisper", "comfyui", "stable-diffusion", "model"),
        *("ollama", "vllm", "llama", "llama-swap", "llamacpp", "sglang", "tgi", "triton", "tritonserver", "localai"),
    )
)
# MiB that these are known to need on a GPU; for others nobody can say.
NEEDS = {"bark": 4096, "rvc": 2048, "uvr": 2048, "uvr5": 2048, "hubert": 1024, "contentvec": 1024, "rmvpe": 512}
# Services that live in RAM.
IN_MEMORY = frozenset(("redis", "valkey", "memcached", "dragonfly", "keydb"))


def type_of(names: Iterable[str], *, has_gpu: bool) -> str:
    """model, service or component; who has a GPU and is not known otherwise is a model."""
    words = _words(names)
    if words & COMPONENTS:
        return "component"
    return "model" if has_gpu or words & MODELS else "service"


def resource_type_of(names: Iterable[str], *, has_gpu: bool) -> str:
    """cpu, gpu or ram."""
    if has_gpu:
        return "gpu"
    return "ram" if _words(names) & IN_MEMORY else "cpu"


def need_of(names: Iterable[str]) -> int | None:
    """MiB that it most likely needs on a GPU; None where its name tells nothing."""
    words = _words(names)
    return next((need for word, need in NEEDS.items() if word in words), None)


def _words(names: Iterable[str]) -> set[str]:
    """`ghcr.io/acme/voice-rvc:2.1` as {acme, voice, rvc, voice-rvc}; registries and versions say nothing."""
    words: set[str] = set()
    for name in names:
        path = re.sub(r"[:@][^/]*$", "", name.casefold()).split("/")
        for part in path[1:] if len(path) > 1 and "." in path[0] else path:
            words |= {part, *re.split(r"[^a-z0-9]+", part)}
    return words - {""}

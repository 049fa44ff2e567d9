"""The band: each instrument gives mono samples of one note, at a strength of about 1."""

import sys
from functools import lru_cache
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "sounds" / "src"))

from dsp import RATE, envelope, fm, noise, partials, phase, pitch, seconds, spectrum_filter  # noqa: E402


@lru_cache(maxsize=None)
def kick(weight=1.0):
    """Bass drum."""
    d = 0.34
    t = seconds(d)
    f = 48 + 150 * np.exp(-t / 0.022) + 25 * np.exp(-t / 0.09)
    skin = np.sin(phase(f, d)) * envelope(d, 0.001, 0.13 * weight, release=0.08)
    click = spectrum_filter(noise(d, 1), 1500, 6000) * envelope(d, 0.0005, 0.004)
    return np.tanh(1.6 * skin) * 0.9 + 0.5 * click


@lru_cache(maxsize=None)
def snare(tone=190.0):
    """Snare drum: two modes of the skin and the wires."""
    d = 0.3
    skin = np.sin(phase(tone, d)) * envelope(d, 0.001, 0.05) + 0.6 * np.sin(phase(tone * 1.62, d)) * envelope(d, 0.001, 0.03)
    wires = spectrum_filter(noise(d, 2), 1400, 9500) * envelope(d, 0.001, 0.075)
    return 0.7 * skin + 1.5 * wires


@lru_cache(maxsize=None)
def clap():
    """Hands: three bursts and a tail."""
    d = 0.32
    t = seconds(d)
    bursts = sum(np.where(t >= at, np.exp(-np.maximum(t - at, 0) / 0.005), 0) for at in (0, 0.011, 0.021))
    tail = np.where(t >= 0.028, np.exp(-np.maximum(t - 0.028, 0) / 0.07), 0)
    return spectrum_filter(noise(d, 3), 850, 5500) * (bursts + 0.9 * tail) * envelope(d, 0.0005, 9.0) * 2.0


@lru_cache(maxsize=None)
def hat(decay=0.03, seed=4):
    """Hi-hat: closed, or open with a longer decay."""
    d = min(0.5, decay * 6 + 0.02)
    t = seconds(d)
    metal = sum(np.sign(np.sin(2 * np.pi * f * t)) for f in (3140, 4211, 5389, 6173, 7307, 8501)) * 0.12
    return spectrum_filter(noise(d, seed) + metal, 6500, 14000) * envelope(d, 0.0007, decay) * 1.5


@lru_cache(maxsize=None)
def shaker(seed=5):
    """Seeds in a gourd."""
    d = 0.11
    return spectrum_filter(noise(d, seed), 3800, 11000) * envelope(d, 0.022, 0.026) * 1.3


@lru_cache(maxsize=None)
def stick(note=84):
    """A woodblock, which counts in."""
    d = 0.14
    return fm(pitch(note), d, 1.47, 1.2, 0.012) * envelope(d, 0.0008, 0.024)


@lru_cache(maxsize=None)
def tom(note=45):
    """Tom-tom."""
    d = 0.42
    t = seconds(d)
    f = pitch(note) * (1 + 0.7 * np.exp(-t / 0.03))
    return np.sin(phase(f, d)) * envelope(d, 0.001, 0.14) + 0.3 * spectrum_filter(noise(d, 6), 400, 3500) * envelope(d, 0.001, 0.03)


@lru_cache(maxsize=None)
def crash(duration=1.9, seed=7):
    """Cymbal."""
    t = seconds(duration)
    wash = spectrum_filter(noise(duration, seed), 3200, 13000)
    body = spectrum_filter(noise(duration, seed + 1), 600, 5000) * np.exp(-t / 0.2)
    return (wash + 0.5 * body) * envelope(duration, 0.002, duration / 3.6, release=0.3)


@lru_cache(maxsize=None)
def riser(duration, seed=8):
    """Noise that grows and brightens: something is about to come."""
    x = np.linspace(0, 1, int(round(duration * RATE)))
    dark = spectrum_filter(noise(duration, seed), 300, 1500)
    bright = spectrum_filter(noise(duration, seed + 1), 2500, 11000)
    return (dark * (1 - x) + bright * x) * x**2.2 * np.clip((1 - x) / 0.01, 0, 1)


@lru_cache(maxsize=None)
def bass(note, duration, bright=900.0, kind="saw"):
    """Electric or synthetic bass: a filtered saw or square with a sine beneath."""
    f, t = pitch(note), seconds(duration)
    cutoff = 160 + bright * np.exp(-t / 0.11)
    tone = partials(f, duration, 1.0, cutoff, odd=kind == "square", most=30)
    sub = np.sin(2 * np.pi * f * t)
    return np.tanh(1.3 * (0.75 * tone + 0.6 * sub)) * envelope(duration, 0.004, 0.5, 0.55, 0.035)


@lru_cache(maxsize=None)
def keys(note, duration, touch=0.8):
    """Electric piano: a tine that rings over a rounded tone."""
    f = pitch(note)
    tone = fm(f, duration, 1.0, 1.1 * touch, 0.35)
    tine = 0.16 * touch * fm(f, duration, 14.0, 0.5, 0.05) * envelope(duration, 0.001, 0.08)
    return tone * envelope(duration, 0.003, 0.9, 0.1, 0.09) + tine


@lru_cache(maxsize=None)
def pluck(note, duration=0.5, bright=3200.0):
    """A string that is picked."""
    t = seconds(duration)
    tone = partials(pitch(note), duration, 1.0, 300 + bright * np.exp(-t / 0.07), decay=1.2, most=24)
    return tone * envelope(duration, 0.002, 0.2, release=0.06)


@lru_cache(maxsize=None)
def bells(note, duration=0.9):
    """A small bell."""
    return fm(pitch(note), duration, 3.5, 1.1, 0.12) * envelope(duration, 0.002, 0.24, release=0.1)


@lru_cache(maxsize=None)
def pad(note, duration, cutoff=1500.0, spread=0.006, side=0):
    """Slow strings: saws slightly apart, others on the left than on the right."""
    t = seconds(duration)
    open_ = cutoff * (0.55 + 0.45 * np.sin(np.pi * np.clip(t / duration, 0, 1)))
    voices = (-1.0, 0.25, 0.9) if side == 0 else (-0.8, -0.2, 1.05)
    tone = sum(
        partials(pitch(note) * (1 + spread * v), duration, 1.0, open_, offset=2.1 * i + side + note, most=16)
        for i, v in enumerate(voices)
    )
    return tone * envelope(duration, 0.12, 9.0, 1.0, 0.22) / 2.2


@lru_cache(maxsize=None)
def stab(note, duration, cutoff=3800.0, side=0):
    """A short chord's note: saws apart, whose colour closes quickly."""
    t = seconds(duration)
    shut = 350 + cutoff * np.exp(-t / 0.12)
    voices = (-1.0, 0.3, 0.8) if side == 0 else (-0.7, -0.25, 1.1)
    tone = sum(
        partials(pitch(note) * (1 + 0.007 * v), duration, 1.0, shut, offset=1.7 * i + side, most=24)
        for i, v in enumerate(voices)
    )
    return tone * envelope(duration, 0.004, 0.35, 0.3, 0.06) / 2.0


@lru_cache(maxsize=None)
def lead(note, duration, bright=3000.0, kind="saw"):
    """The singing voice: vibrato comes late."""
    t = seconds(duration)
    f = pitch(note) * (1 + 0.006 * np.sin(2 * np.pi * 5.4 * t) * np.clip((t - 0.18) / 0.3, 0, 1))
    f = f * (1 - 0.012 * np.exp(-t / 0.018))
    cutoff = 700 + bright * (0.5 + 0.5 * np.exp(-t / 0.25))
    tone = partials(f, duration, 1.0, cutoff, odd=kind == "square", most=22)
    if kind == "saw":
        tone = 0.6 * tone + 0.5 * partials(f * 1.006, duration, 1.0, cutoff, offset=1.0, most=22)
    return tone * envelope(duration, 0.012, 0.6, 0.6, 0.06) * 0.8


@lru_cache(maxsize=None)
def guitar(note, duration, muted=True):
    """A damped electric guitar."""
    t = seconds(duration)
    decay = 0.05 if muted else 0.25
    tone = partials(pitch(note), duration, 0.8, 500 + 3400 * np.exp(-t / decay), decay=2.0, most=24)
    return np.tanh(1.6 * tone * envelope(duration, 0.0015, decay * 1.8, release=0.03))

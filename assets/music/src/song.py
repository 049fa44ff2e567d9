"""A score on beats, mixed down: buses, room, echo, ducking, loudness."""

import re
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "sounds" / "src"))

from dsp import RATE, convolve, limit, room, spectrum_filter  # noqa: E402

HALL = room(2.2, 0.55, 70, 6500.0)
STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
# Each bus: how much of it goes to the hall and to the echo, and how deep the kick ducks it.
BUSES = {
    "kick": (0.0, 0.0, 0.0),
    "drums": (0.06, 0.0, 0.0),
    "bass": (0.0, 0.0, 0.45),
    "chords": (0.16, 0.0, 0.5),
    "pads": (0.25, 0.0, 0.6),
    "lead": (0.18, 0.22, 0.12),
    "bells": (0.3, 0.3, 0.2),
}


def midi(name):
    """The number of a note such as F#4."""
    letter, sign, octave = re.fullmatch(r"([A-G])([#b]?)(-?\d)", name).groups()
    return STEPS[letter] + {"": 0, "#": 1, "b": -1}[sign] + 12 * (int(octave) + 1)


def tune(text):
    """From `D5:1 r:.5 E5:.5` to (beat, length, note); `r` is a rest, bars may be parted by `|`."""
    at, out = 0.0, []
    for word in text.replace("|", " ").split():
        name, length = word.split(":")
        if name != "r":
            out.append((at, float(length), midi(name)))
        at += float(length)
    return out


def chord(text):
    """From `D3 A3 F#4` to notes."""
    return [midi(name) for name in text.split()]


def tilt(sound):
    """Lighter below 500 Hz and brighter above, by 1.6 dB an octave, as records are."""
    f = np.fft.rfftfreq(sound.shape[-1], 1 / RATE)
    gain = np.clip(f / 500, 0.08, 16) ** 0.27
    return np.fft.irfft(np.fft.rfft(sound) * gain, sound.shape[-1])


class Song:
    """`beats` of music at `bpm`, from `lead_s` seconds on. A loop has neither lead nor tail and hangs together in a circle."""

    def __init__(self, bpm, beats, lead_s=0.0, tail_s=0.0, swing=0.5):
        self.beat_s = 60.0 / bpm
        self.beats, self.lead_s, self.swing = beats, lead_s, swing
        self.loops = tail_s == 0.0
        self.length = int(round((lead_s + beats * self.beat_s + tail_s) * RATE))
        self.tracks = {name: np.zeros((2, self.length)) for name in BUSES}
        self.kicks = []

    def sample(self, beat):
        """Where a beat lies; the second sixteenth of each pair comes late by the swing."""
        step = beat * 4
        whole = np.floor(step + 1e-6)
        if whole % 2 == 1 and abs(step - whole) < 1e-3:
            beat += (self.swing - 0.5) * 0.5
        return int(round((self.lead_s + beat * self.beat_s) * RATE))

    def play(self, bus, beat, sound, gain=1.0, pan=0.0):
        """Lays a mono sound, or a left and a right one, on a bus. What hangs over a loop's end begins it."""
        left, right = sound if isinstance(sound, tuple) else (sound, sound)
        angle = (pan + 1) * np.pi / 4
        both = np.array([left * np.cos(angle), right * np.sin(angle)]) * gain * np.sqrt(2)
        places = self.sample(beat) + np.arange(both.shape[1])
        if self.loops:
            np.add.at(self.tracks[bus], (slice(None), places % self.length), both)
        else:
            inside = places < self.length
            self.tracks[bus][:, places[inside]] += both[:, inside]

    def seconds(self, beats):
        """How long so many beats are, as an instrument's duration."""
        return round(beats * self.beat_s, 4)

    def drums(self, start, bars, voices, gain=1.0):
        """Patterns of sixteenths, `x` loud, `o` soft: {name: (sound, pattern of one or more bars, gain, pan)}."""
        for name, (sound, pattern, level, pan) in voices.items():
            pattern = pattern.replace(" ", "")
            for step in range(bars * 16):
                hit = pattern[step % len(pattern)]
                if hit == ".":
                    continue
                beat = start + step / 4
                bus = "kick" if name == "kick" else "drums"
                if name == "kick":
                    self.kicks.append(beat)
                # Nobody strikes twice alike.
                human = 1.0 + 0.06 * np.sin(12.9898 * (step + len(name)))
                self.play(bus, beat, sound, gain * level * human * (1.0 if hit == "x" else 0.5), pan)

    def melody(self, start, text, voice, bus="lead", gain=1.0, pan=0.0, shift=0, hold=0.95):
        """Plays a tune with a voice(note, duration)."""
        for at, length, note in tune(text):
            accent = 1.0 if at % 1 == 0 else 0.88
            self.play(bus, start + at, voice(note + shift, self.seconds(length * hold)), gain * accent, pan)

    def _duck(self):
        gain = np.ones(self.length)
        shape_s = min(0.9 * self.beat_s, 0.36)
        t = np.arange(int(shape_s * RATE)) / RATE
        dip = (0.5 + 0.5 * np.cos(np.pi * t / shape_s)) ** 1.5 * np.clip(t / 0.004, 0, 1)
        for beat in self.kicks:
            places = self.sample(beat) + np.arange(len(dip))
            places = places % self.length if self.loops else places[places < self.length]
            gain[places] = np.minimum(gain[places], 1 - dip[: len(places)])
        return gain

    def mix(self, loudness_db=-15.5):
        """Left and right: the whole at a loudness (RMS of the loud half), peaks at most 2 dB below full scale."""
        duck = self._duck()
        dry = np.zeros((2, self.length))
        hall, echo = np.zeros_like(dry), np.zeros_like(dry)
        for name, (to_hall, to_echo, depth) in BUSES.items():
            track = self.tracks[name] * (1 - depth * (1 - duck))
            dry += track
            hall += to_hall * track
            echo += to_echo * track
        # Echoes come after three eighths, from side to side, each darker than the last.
        gap, repeat = int(round(0.75 * self.beat_s * RATE)), spectrum_filter(echo, 250, 3800, 1)
        for count in range(1, 5):
            moved = np.roll(repeat, count * gap, axis=-1)
            if not self.loops:
                moved[:, : count * gap] = 0
            moved = moved[::-1] if count % 2 else moved
            weight = np.array([[1.0], [0.55]]) if count % 2 else np.array([[0.55], [1.0]])
            dry += 0.55 ** (count - 1) * weight * moved
            hall += 0.1 * moved
            repeat = spectrum_filter(repeat, 250, 3200, 1)
        dry += spectrum_filter(convolve(hall, HALL, circular=self.loops), 180, 9000)
        sound = tilt(spectrum_filter(dry, 32, 15500))
        if not self.loops:
            ramp = int(0.05 * RATE)
            sound[:, :ramp] *= np.linspace(0, 1, ramp) ** 2
            end = int(0.6 * RATE)
            sound[:, -end:] *= np.cos(np.linspace(0, np.pi / 2, end)) ** 2
        for _ in range(3):
            window = sound[:, : self.length // 2048 * 2048].reshape(2, -1, 2048)
            power = np.sort(np.mean(window**2, axis=(0, 2)))
            loud = np.mean(power[len(power) // 2 :])
            sound = np.tanh(sound * 10 ** (loudness_db / 20) / np.sqrt(loud) * 1.02) / 1.02
        return limit(sound, 10 ** (-2.2 / 20))

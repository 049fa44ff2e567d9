"""Makes the sounds: `python synthesise.py [NAME ...]` writes ../NAME.ogg and says how loud each came out."""

import sys
from pathlib import Path

import numpy as np

from dsp import (
    band_sweep, convolve, decibels, envelope, fm, limit, loudness, mix, noise, partials, phase, pitch, read_ogg, room,
    seconds, spectrum_filter, sweep, write_ogg,
)

OUT = Path(__file__).resolve().parent.parent
ROOM = room(0.7, 0.16, 7)[0]
# Decibels of the loudest 50 ms, A-weighted: what is heard often is softer.
SOFT, NORMAL, LOUD = -27.0, -21.0, -17.5
PEAK = 10 ** (-2.0 / 20)


def bell(note, duration=0.5, decay=0.16, bright=1.2):
    """A small bell: the voice of praise and of the menus."""
    f = pitch(note)
    body = fm(f, duration, 3.0, bright, 0.05) + 0.35 * fm(2 * f, duration, 1.0, 0.5, 0.04)
    return body * envelope(duration, 0.002, decay, release=0.05)


def marimba(note, duration=0.4, decay=0.11):
    """A wooden bar: the tuned overtone two octaves up, and the mallet."""
    f, t = pitch(note), seconds(duration)
    wood = np.sin(2 * np.pi * f * t) + 0.3 * np.sin(8 * np.pi * f * t) * np.exp(-t / 0.025)
    return wood * envelope(duration, 0.0015, decay, release=0.05)


def horn(note, duration, bright=2600.0):
    """A soft brass tone whose colour opens with its strength."""
    t = seconds(duration)
    opening = 400 + bright * np.clip(t / 0.06, 0, 1) * np.exp(-t / (duration * 0.9))
    vibrato = pitch(note) * (1 + 0.004 * np.sin(2 * np.pi * 5.3 * t) * np.clip(t / 0.3, 0, 1))
    tone = partials(vibrato, duration, 1.0, opening) + partials(pitch(note) * 1.003, duration, 1.0, opening)
    return tone * envelope(duration, 0.02, duration * 0.7, 0.2, 0.12)


def thump(start, end, duration, decay, drop=0.03):
    """A drum's skin: a sine that falls to its pitch."""
    t = seconds(duration)
    return np.sin(phase(end + (start - end) * np.exp(-t / drop), duration)) * envelope(duration, 0.001, decay)


def hiss(duration, low, high, decay, seed, attack=0.001):
    """A burst of noise between two frequencies."""
    return spectrum_filter(noise(duration, seed), low, high) * envelope(duration, attack, decay)


def whoosh(duration, start, middle, end, seed, q=1.6):
    """Air that is cut."""
    half = duration / 2
    centre = np.concatenate([sweep(start, middle, half), sweep(middle, end, duration - half)])
    n = int(round(duration * 44100))
    centre = np.resize(centre, n)
    swell = np.sin(np.pi * np.linspace(0, 1, n) ** 0.8) ** 2
    return band_sweep(noise(duration, seed), centre, q) * swell * 3


def notes(voice, pitches, gap, **options):
    """Notes one after the other, each on top of the last one's end."""
    return mix(*((i * gap, voice(note, **options)) for i, note in enumerate(pitches)))


def wet(sound, amount=0.25, tail=0.4):
    """With some room around it."""
    sound = np.concatenate([sound, np.zeros(int(tail * 44100))])
    return sound + amount * convolve(sound, ROOM)


def dwell():
    """A ring that fills: rises over its 0.9 s, softly enough to hear it at every button."""
    d = 0.9
    rise = sweep(330, 990, d)
    tone = np.sin(phase(rise, d)) + 0.3 * np.sin(phase(rise * 2.005, d)) + 0.25 * np.sin(phase(rise * 1.4983, d))
    pulse = 0.75 + 0.25 * np.cos(phase(sweep(5, 15, d), d))
    return tone * pulse * envelope(d, 0.12, 9.0, 1.0, 0.06) * np.linspace(0.25, 1, len(tone))


def shatter():
    """Wood that breaks: a crack, and splinters that fall."""
    rng = np.random.default_rng(21)
    parts = [(0.0, 1.4 * hiss(0.12, 900, 6000, 0.02, 22)), (0.0, thump(320, 95, 0.3, 0.07))]
    for i in range(14):
        at = 0.02 + 0.36 * rng.random() ** 1.6
        f = rng.uniform(700, 3200)
        piece = fm(f, 0.09, rng.uniform(1.4, 2.6), 2.5, 0.02) * envelope(0.09, 0.001, 0.018)
        parts.append((at, 0.45 * np.exp(-at / 0.22) * piece))
        parts.append((at, 0.4 * np.exp(-at / 0.2) * hiss(0.05, 1500, 8000, 0.01, 40 + i)))
    return wet(mix(*parts), 0.15, 0.2)


def drum_roll_up():
    """A new wave comes: two drums, and a chord that swells into a blow."""
    swell = horn(50, 0.75) + horn(57, 0.75) + 0.8 * horn(62, 0.75)
    swell *= np.linspace(0.1, 1, len(swell)) ** 1.5
    blow = thump(180, 55, 0.5, 0.16) + 0.5 * hiss(0.5, 300, 7000, 0.1, 31)
    chord = sum(horn(n, 0.8) for n in (50, 57, 62, 66)) * 0.5
    return wet(mix((0, 1.4 * thump(150, 70, 0.3, 0.1)), (0.19, 1.4 * thump(150, 80, 0.3, 0.1)), (0.1, 0.5 * swell),
                   (0.75, 2.2 * blow), (0.75, chord)), 0.3, 0.5)


def fanfare(melody, chord, gap, hold):
    """Notes that climb, and the chord they arrive at."""
    climb = notes(horn, melody, gap, duration=gap * 1.3)
    arrive = sum(horn(n, hold, 3200) for n in chord) * 0.55 + sum(bell(n + 12, hold, 0.35) for n in chord) * 0.3
    return wet(mix((0, climb), (gap * len(melody), arrive)), 0.35, 0.7)


def sounds():
    """Each sound with its loudness."""
    return {
        "ui_move": (wet(marimba(88, 0.09, 0.022), 0.1, 0.08), SOFT - 3),
        "ui_select": (wet(notes(bell, (76, 83), 0.06, duration=0.35, decay=0.1), 0.2, 0.25), SOFT),
        "ui_back": (wet(notes(bell, (79, 72), 0.06, duration=0.3, decay=0.08, bright=0.7), 0.2, 0.25), SOFT),
        "dwell": (dwell(), SOFT - 3),
        "countdown": (wet(bell(69, 0.3, 0.09, 0.8) + 0.6 * marimba(69, 0.3), 0.15, 0.2), NORMAL),
        "go": (wet(mix(*((0, bell(n, 0.8, 0.3)) for n in (69, 76, 81)), (0, 0.4 * horn(69, 0.5)), (0, hiss(0.3, 4000, 12000, 0.08, 3))), 0.3, 0.4), LOUD),
        "punch": (mix((0, 1.6 * thump(260, 85, 0.25, 0.06)), (0, 1.3 * hiss(0.1, 500, 4500, 0.018, 4)), (0.004, 0.6 * hiss(0.16, 1800, 7000, 0.03, 5))), LOUD),
        "kick": (mix((0, 2.2 * thump(170, 52, 0.42, 0.12, 0.04)), (0, 1.1 * hiss(0.14, 250, 2200, 0.03, 6)), (0.01, 0.4 * hiss(0.2, 1200, 5000, 0.05, 8))), LOUD),
        "head": (mix((0, fm(410, 0.28, 1.52, 1.8, 0.03) * envelope(0.28, 0.001, 0.07)), (0, 0.8 * thump(300, 190, 0.25, 0.06)), (0, 0.6 * hiss(0.05, 900, 5000, 0.01, 9))), NORMAL),
        "catch": (wet(mix((0, 1.2 * hiss(0.09, 700, 3500, 0.018, 10)), (0, 0.7 * thump(240, 150, 0.15, 0.04)), (0.03, 0.45 * bell(79, 0.3, 0.09, 0.6)), (0.08, 0.35 * bell(86, 0.3, 0.09, 0.6))), 0.15, 0.2), NORMAL),
        "dodge": (whoosh(0.36, 420, 2600, 600, 11), NORMAL),
        "break": (shatter(), LOUD),
        "pop": (np.sin(phase(sweep(320, 1250, 0.11, 0.6), 0.11)) * envelope(0.11, 0.002, 0.04, release=0.02) + 0.25 * np.resize(hiss(0.11, 2500, 9000, 0.006, 12), int(0.11 * 44100)), NORMAL),
        "combo": (wet(notes(bell, (72, 76, 79, 84), 0.06, duration=0.4, decay=0.12), 0.25, 0.35), NORMAL),
        "wave": (drum_roll_up(), LOUD),
        "miss": (mix((0, partials(sweep(196, 131, 0.32), 0.32, 1.2, 700.0, odd=True) * envelope(0.32, 0.006, 0.14)), (0, 0.5 * thump(140, 80, 0.2, 0.06))), NORMAL - 2),
        "good": (wet(notes(marimba, (76, 81), 0.07, duration=0.35), 0.2, 0.2) , NORMAL - 1),
        "perfect": (wet(mix(*((i * 0.045, (0.8 ** (4 - i)) * bell(n, 0.7, 0.24, 1.6)) for i, n in enumerate((81, 85, 88, 93)))) , 0.35, 0.5), NORMAL),
        "hint": (wet(notes(marimba, (74, 79, 78), 0.13, duration=0.4), 0.25, 0.3), NORMAL - 3),
        "rep": (wet(mix((0, marimba(81, 0.2, 0.05)), (0, 0.3 * hiss(0.03, 3000, 9000, 0.006, 13)), (0.0, 0.4 * bell(93, 0.25, 0.06, 0.5))), 0.12, 0.15), NORMAL),
        "set_done": (fanfare((67, 71, 74), (67, 71, 74, 79), 0.13, 0.9), LOUD),
        "pause": (wet(notes(marimba, (74, 67), 0.1, duration=0.4), 0.25, 0.3), NORMAL - 3),
        "resume": (wet(notes(marimba, (67, 74), 0.1, duration=0.4), 0.25, 0.3), NORMAL - 3),
        "game_over": (wet(mix((0, horn(69, 0.34, 1600)), (0.3, horn(65, 0.34, 1500)), (0.6, horn(62, 0.34, 1400)), (0.9, 0.8 * horn(50, 1.2, 1200) + 0.6 * horn(57, 1.2, 1200) + 0.6 * horn(65, 1.2, 1200)), (0.9, thump(120, 50, 0.5, 0.15))), 0.4, 0.7), LOUD - 1),
        "high_score": (fanfare((62, 66, 69, 74, 69, 74), (66, 69, 74, 78, 81), 0.115, 1.5), LOUD),
        "lost": (wet(mix((0, np.sin(phase(pitch(64), 0.18)) * envelope(0.18, 0.01, 0.2, release=0.06)), (0.24, np.sin(phase(pitch(58), 0.34)) * envelope(0.34, 0.01, 0.2, release=0.1))), 0.3, 0.3), NORMAL - 3),
    }


def finish(sound, wanted):
    """At its loudness and under the ceiling, with silent ends."""
    quiet = np.flatnonzero(np.abs(sound) > 1e-3 * np.abs(sound).max())
    sound = sound[: min(len(sound), quiet[-1] + 1 + int(0.01 * 44100))].copy()
    fade = min(int(0.012 * 44100), len(sound) // 4)
    sound[-fade:] *= np.cos(np.linspace(0, np.pi / 2, fade)) ** 2
    sound[:22] *= np.linspace(0, 1, 22)
    # Nobody hears what lies under 30 Hz; loudspeakers suffer from it.
    # The few milliseconds before let the encoder begin with silence.
    sound = spectrum_filter(np.concatenate([np.zeros(220), sound, np.zeros(2048)]), 30, 15500)
    sound[:110] *= np.linspace(0, 1, 110) ** 2
    sound[-64:] *= np.linspace(1, 0, 64)
    sound *= 10 ** ((wanted - loudness(sound)) / 20)
    return limit(np.concatenate([sound, np.zeros(256)]), PEAK)


def main():
    """Writes what was asked for, or everything."""
    asked = sys.argv[1:]
    for name, (sound, wanted) in sounds().items():
        if asked and name not in asked:
            continue
        path = OUT / f"{name}.ogg"
        write_ogg(path, finish(sound, wanted), 3)
        heard = read_ogg(path)
        ends = max(abs(heard[0, 0]), abs(heard[0, -1]))
        print(f"{name:11} {heard.shape[1] / 44100:5.2f} s  peak {decibels(np.abs(heard).max()):6.1f} dB  "
              f"loudness {loudness(heard):6.1f} dB(A)  ends {decibels(ends):6.1f} dB  {path.stat().st_size:6} bytes")


if __name__ == "__main__":
    main()

"""Makes the music: `python compose.py [NAME ...]` writes ../NAME.ogg and says what came out."""

import sys
from pathlib import Path

import numpy as np

import dances
import loops
from dsp import RATE, decibels, read_ogg, write_ogg

OUT = Path(__file__).resolve().parent.parent
QUALITY = 2
SONGS = {
    "menu": loops.menu,
    "storm": loops.storm,
    "workout": loops.workout,
    "sunrise": dances.sunrise,
    "groove": dances.groove,
    "rush": dances.rush,
}


def balance(sound):
    """Shares of the power below 150 Hz, to 1 kHz, to 4 kHz and above, in percent."""
    power = np.abs(np.fft.rfft(sound.mean(axis=0))) ** 2
    f = np.fft.rfftfreq(sound.shape[1], 1 / RATE)
    edges = [0, 150, 1000, 4000, 1e9]
    return [round(float(100 * power[(f >= a) & (f < b)].sum() / power.sum()), 1) for a, b in zip(edges, edges[1:])]


def main():
    """Writes what was asked for, or everything."""
    for name in sys.argv[1:] or SONGS:
        song = SONGS[name]()
        sound = song.mix(-18.0 if name == "menu" else -15.5)
        path = OUT / f"{name}.ogg"
        write_ogg(path, sound, QUALITY)
        heard = read_ogg(path)
        line = f"{name:8} {heard.shape[1] / RATE:8.4f} s  peak {decibels(np.abs(heard).max()):5.1f} dB  "
        line += f"RMS {decibels(np.sqrt(np.mean(heard**2))):6.1f} dB  balance {balance(heard)} %  {path.stat().st_size} bytes"
        if song.loops:
            steps = np.abs(np.diff(heard, axis=1))
            seam = np.abs(heard[:, 0] - heard[:, -1]).max()
            line += f"  seam {seam:.4f}, usual step {np.percentile(steps, 50):.4f}, 99 % {np.percentile(steps, 99):.4f}"
            line += f"  length off by {heard.shape[1] - song.length} samples"
        print(line, flush=True)


if __name__ == "__main__":
    main()

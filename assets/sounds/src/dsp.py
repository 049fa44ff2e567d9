"""Oscillators, envelopes, filters, rooms and files: what the sounds and the music are made of. 44.1 kHz, full scale is 1."""

import subprocess

import numpy as np

RATE = 44100
# Highest partial that is made, hertz.
HIGHEST = 16000.0


def seconds(duration):
    """Times of the samples of a sound, in seconds."""
    return np.arange(int(round(duration * RATE))) / RATE


def pitch(note):
    """Hertz of a MIDI note; 69 is the A at 440."""
    return 440.0 * 2.0 ** ((np.asarray(note, float) - 69.0) / 12.0)


def noise(duration, seed):
    """White noise."""
    return np.random.default_rng(seed).standard_normal(int(round(duration * RATE))) * 0.3


def envelope(duration, attack=0.003, decay=0.2, sustain=0.0, release=0.03):
    """Rises in `attack`, falls towards `sustain` with the time constant `decay`, ends at zero over `release`."""
    t = seconds(duration)
    rise = np.clip(t / max(attack, 1e-4), 0.0, 1.0)
    fall = sustain + (1.0 - sustain) * np.exp(-np.maximum(t - attack, 0.0) / decay)
    end = np.clip((duration - t) / max(release, 1e-4), 0.0, 1.0)
    return np.sin(rise * np.pi / 2) * fall * np.sin(end * np.pi / 2) ** 2


def phase(frequency, duration):
    """Radians at each sample, for a frequency that may be one number or one a sample."""
    steps = np.broadcast_to(np.asarray(frequency, float), (int(round(duration * RATE)),))
    return 2 * np.pi * (np.cumsum(steps) - steps[:1]) / RATE if len(steps) else np.zeros(0)


def partials(frequency, duration, slope=1.0, cutoff=8000.0, odd=False, decay=0.0, offset=0.0, most=40):
    """A sum of harmonics: a saw, or a square where only odd ones sound, behind a low-pass of 24 dB an octave.

    `cutoff` is one number or one a sample; `decay` lets each harmonic die so much faster than the one below (1/s).
    """
    theta = phase(frequency, duration) + offset
    base = float(np.mean(frequency))
    t = seconds(duration)
    count = int(np.clip(HIGHEST / base, 1, most))
    before, now, turn = np.zeros_like(theta), np.sin(theta), 2 * np.cos(theta)
    total = np.zeros_like(theta)
    for h in range(1, count + 1):
        if not odd or h % 2:
            x = (h * base / np.asarray(cutoff, float)) ** 2
            part = now / (h**slope * (1 + x * x))
            total += part * np.exp(-t * decay * (h - 1)) if decay else part
        before, now = now, turn * now - before
    return total


def fm(frequency, duration, ratio=1.0, index=1.0, index_decay=0.3):
    """Frequency modulation: `index` radians of a sine at `ratio` times the frequency, dying with a time constant."""
    theta = phase(frequency, duration)
    return np.sin(theta + index * np.exp(-seconds(duration) / index_decay) * np.sin(ratio * theta))


def spectrum_filter(sound, low=0.0, high=1e9, order=2):
    """Keeps what lies between two frequencies, with slopes of 6 dB an octave and order, as if the sound went in a circle."""
    f = np.fft.rfftfreq(sound.shape[-1], 1 / RATE)
    gain = 1 / np.sqrt(1 + (f / high) ** (2 * order))
    if low > 0:
        gain *= 1 / np.sqrt(1 + (low / np.maximum(f, 1e-3)) ** (2 * order))
    return np.fft.irfft(np.fft.rfft(sound) * gain, sound.shape[-1])


def band_sweep(sound, centre, q=2.0):
    """A state variable band-pass whose centre, hertz, moves with each sample."""
    g = np.tan(np.pi * np.clip(np.broadcast_to(centre, sound.shape), 20, 16000) / RATE)
    k, s1, s2 = 1.0 / q, 0.0, 0.0
    out = np.empty_like(sound)
    for i, (x, g) in enumerate(zip(sound.tolist(), g.tolist())):
        v1 = (s1 + g * (x - s2)) / (1 + g * (g + k))
        v2 = s2 + g * v1
        s1, s2 = 2 * v1 - s1, 2 * v2 - s2
        out[i] = k * v1
    return out


def sweep(start, end, duration, bend=1.0):
    """A frequency that moves from one to another, by equal intervals where `bend` is 1, first quickly below it."""
    x = np.linspace(0, 1, int(round(duration * RATE))) ** bend
    return start * (end / start) ** x


def mix(*parts):
    """Sounds laid over each other: pairs of a start in seconds and a sound."""
    length = max(int(round(at * RATE)) + len(sound) for at, sound in parts)
    out = np.zeros(length)
    for at, sound in parts:
        first = int(round(at * RATE))
        out[first : first + len(sound)] += sound
    return out


def room(duration, decay, seed, bright=5000.0):
    """Left and right impulse responses of a room: noise that dies away and gets darker."""
    t = seconds(duration)
    out = []
    for side in range(2):
        raw = np.random.default_rng((seed, side)).standard_normal(len(t))
        dark = spectrum_filter(raw, 250, bright * 0.35)
        clear = spectrum_filter(raw, 250, bright)
        x = np.exp(-t / (decay * 0.35))
        response = (clear * x + dark * (1 - x)) * np.exp(-t / decay) * np.clip(t / 0.012, 0, 1)
        response *= np.clip((duration - t) / 0.05, 0, 1)
        out.append(response / np.sqrt(np.sum(response**2)))
    return np.array(out)


def convolve(sound, response, circular=False):
    """The sound in a room; circular, what hangs over the end comes back at the start."""
    n = sound.shape[-1]
    size = n if circular else n + response.shape[-1]
    wet = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(response, size), size)
    return wet[..., :n]


def decibels(value):
    """Of a ratio of amplitudes."""
    return 20 * np.log10(max(float(value), 1e-9))


def loudness(sound):
    """Decibels of the loudest 50 ms as an ear weighs them (A-weighting)."""
    sound = np.atleast_2d(sound)
    f = np.fft.rfftfreq(sound.shape[-1], 1 / RATE) ** 2
    weight = 1.2589 * 12194.0**2 * f**2
    weight /= (f + 20.6**2) * np.sqrt((f + 107.7**2) * (f + 737.9**2)) * (f + 12194.0**2)
    heard = np.fft.irfft(np.fft.rfft(sound) * weight, sound.shape[-1])
    power = np.mean(heard**2, axis=0)
    window = min(int(0.05 * RATE), len(power))
    running = np.convolve(power, np.ones(window) / window, "valid")
    return 10 * np.log10(max(float(running.max()), 1e-12))


def limit(sound, ceiling):
    """Turns peaks over the ceiling down, 4 ms ahead and without distortion, the same in both channels, in a circle."""
    peak = np.max(np.abs(np.atleast_2d(sound)), axis=0)
    wanted = np.minimum(1.0, ceiling / np.maximum(peak, 1e-9))
    reach = int(0.004 * RATE)
    # The least over the reach to either side, by doubling.
    least, width = wanted, 1
    while width <= reach:
        least = np.minimum(np.minimum(least, np.roll(least, width)), np.roll(least, -width))
        width *= 2
    kernel = np.hanning(2 * reach + 1)
    kernel /= kernel.sum()
    padded = np.zeros_like(least)
    padded[: len(kernel)] = kernel
    smooth = np.fft.irfft(np.fft.rfft(least) * np.fft.rfft(np.roll(padded, -reach)), len(least))
    return np.clip(sound * smooth, -ceiling, ceiling)


def write_ogg(path, sound, quality):
    """Encodes to Ogg Vorbis; the same samples and the same encoder give the same bytes."""
    channels = np.atleast_2d(sound)
    command = ["ffmpeg", "-v", "error", "-y", "-f", "f32le", "-ar", str(RATE), "-ac", str(len(channels)), "-i", "pipe:0"]
    command += ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact", "-c:a", "libvorbis"]
    command += ["-q:a", str(quality), str(path)]
    subprocess.run(command, input=channels.T.astype("<f4").tobytes(), check=True)


def read_ogg(path):
    """Channels by samples, as a player gets them."""
    command = ["ffprobe", "-v", "error", "-show_entries", "stream=channels", "-of", "csv=p=0", str(path)]
    channels = int(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "f32le", "-ar", str(RATE), "pipe:1"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, "<f4").reshape(-1, channels).T.astype(float)

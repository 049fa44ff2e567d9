"""Three tracks to dance to. Each counts in with four beats; then come phrases of eight beats, and four beats of ending.

The parts of each, a letter a phrase: I intro, V verse, C chorus, B break.
"""

from instruments import (
    bass, bells, clap, crash, guitar, hat, keys, kick, lead, pad, pluck, riser, shaker, snare, stab, stick, tom,
)
from song import Song, chord, midi

LEAD_S = 0.25
PARTS = {"sunrise": "IVVCCVVCC", "groove": "IVVCCVVBCCC", "rush": "IVVCCVVBBCCCC"}
BPM = {"sunrise": 96, "groove": 112, "rush": 128}


def begin(name, swing=0.5):
    """An empty song of the right length, counted in."""
    song = Song(BPM[name], 8 + 8 * len(PARTS[name]), LEAD_S, 1.4, swing)
    for beat in range(4):
        song.play("drums", beat, stick(88 if beat == 0 else 83), 0.8)
        song.play("drums", beat, hat(), 0.3)
    return song


def phrases(name):
    """Each phrase: its letter, its first beat, and how many of its letter came right before."""
    before = 0
    for number, letter in enumerate(PARTS[name]):
        before = before + 1 if number and PARTS[name][number - 1] == letter else 0
        yield letter, 4 + 8 * number, before


def spread(song, bus, beat, notes, length, voice, gain, **options):
    """A chord, with what is left and right of each note."""
    d = song.seconds(length)
    for note in notes:
        song.play(bus, beat, (voice(note, d, side=0, **options), voice(note, d, side=1, **options)), gain)


def sunrise():
    """96 bpm, D major: warm, wide, with plucked strings."""
    song = begin("sunrise")
    verse = [("D2", "D4 F#4 A4"), ("A1", "C#4 E4 A4"), ("B1", "D4 F#4 B4"), ("G1", "D4 G4 B4")]
    chorus = [("G1", "B3 D4 G4"), ("A1", "C#4 E4 A4"), ("B1", "D4 F#4 B4"), ("A1", "C#4 E4 A4")]
    close = [("G1", "B3 D4 G4"), ("A1", "C#4 E4 A4")]
    sung = [
        "r:1 F#5:1 A5:1 F#5:.5 E5:.5 | E5:1.5 C#5:.5 E5:1 r:1",
        "r:.5 D5:.5 F#5:1 F#5:.5 E5:.5 D5:1 | B4:1 D5:1.5 E5:.5 r:1",
    ]
    high = [
        "B5:1.5 A5:.5 G5:1 D5:1 | E5:1 F#5:.5 G5:.5 A5:2",
        "F#5:1.5 E5:.5 D5:1 F#5:1 | E5:1 C#5:1 A4:1 E5:1",
    ]
    last = "F#5:1.5 E5:.5 D5:1 B5:1 | A5:1 G5:.5 F#5:.5 E5:2"
    seen = {"V": 0, "C": 0}
    for letter, start, before in phrases("sunrise"):
        bars = {"I": [("D2", "D4 F#4 A4"), ("G1", "D4 G4 B4")], "V": verse, "C": chorus}[letter]
        bars = bars[2 * (before % 2) :][:2]
        if start + 8 == song.beats - 4:
            bars = close
        seen[letter] = seen.get(letter, 0) + 1
        for bar, (root, notes) in enumerate(bars):
            beat, notes = start + 4 * bar, chord(notes)
            spread(song, "pads", beat, notes, 4.2, pad, 0.10 if letter == "C" else 0.075, cutoff=2200.0 if letter == "C" else 1300.0)
            low = midi(root)
            if letter == "I":
                song.play("bass", beat, bass(low, song.seconds(3.6), 500.0), 0.34)
            else:
                for at, length, up in ((0, 1.4, 0), (1.5, 0.45, 0), (2, 0.9, 7), (3, 0.45, 12), (3.5, 0.45, 7)):
                    song.play("bass", beat + at, bass(low + up, song.seconds(length), 700.0), 0.36)
            # Broken chords; the pattern of three against four keeps them from standing still.
            order = [0, 1, 2, 1, 0, 2, 1, 2] if letter != "C" else [0, 2, 1, 2, 0, 2, 1, 2]
            for step, which in enumerate(order):
                note = notes[which] + (12 if step % 3 == 2 else 0)
                song.play("chords", beat + step / 2, pluck(note, 0.55, 2600.0 if letter == "C" else 1900.0), 0.24 if step % 2 else 0.3, 0.4 if step % 2 else -0.4)
            for at in (0, 2.5) if letter == "C" else (0,):
                for note in notes:
                    song.play("chords", beat + at, keys(note, song.seconds(1.9)), 0.1)
        if letter == "I":
            song.drums(start, 2, {"shaker": (shaker(), "o.x.o.x.o.x.o.x.", 0.25, 0.3), "kick": (kick(0.8), "x.......x.......", 0.6, 0)})
            song.melody(start, "r:2 A5:1 F#5:1 | G5:1 B5:1 A5:2", bells, "bells", 0.13)
        else:
            beat_ = "x.....x.x......." if letter == "V" else "x.....x.x.x....."
            song.drums(start, 2, {
                "kick": (kick(0.9), beat_, 0.8, 0),
                "snare": (snare() if letter == "C" else clap(), "....x.......x...", 0.42 if letter == "C" else 0.34, 0.05),
                "shaker": (shaker(), "x.o.x.o.x.o.x.oo", 0.3, 0.35),
                "hat": (hat(0.022), "..x...x...x...x.", 0.2, -0.3),
            })
            if before == 1:
                song.drums(start + 7, 1, {"tom": (tom(50), "x.o.............", 0.35, -0.3), "low tom": (tom(45), "..x.............", 0.4, 0.3)})
        if letter == "V":
            song.melody(start, sung[before % 2], lambda n, d: keys(n, d, 1.0), "lead", 0.30)
            if seen["V"] > 2:
                song.melody(start, sung[before % 2], bells, "bells", 0.07, 0.3)
        if letter == "C":
            text = last if start + 8 == song.beats - 4 else high[before % 2]
            song.melody(start, text, lambda n, d: lead(n, d, 2200.0), "lead", 0.2)
            song.melody(start, text, bells, "bells", 0.08, -0.3)
            if before == 0:
                song.play("drums", start, crash(), 0.22)
    end = song.beats - 4
    for note in chord("D3 A3 D4 F#4 A4 D5"):
        song.play("chords", end, keys(note, song.seconds(5)), 0.14)
    spread(song, "pads", end, chord("D4 F#4 A4"), 4.5, pad, 0.09)
    song.play("bass", end, bass(midi("D2"), song.seconds(3.5), 500.0), 0.4)
    song.melody(end, "D6:.5 A5:.5 F#5:.5 A5:.5 D6:2", bells, "bells", 0.12)
    song.drums(end, 1, {"kick": (kick(), "x...............", 0.8, 0)})
    song.play("drums", end, crash(), 0.25)
    return song


def groove():
    """112 bpm, E minor: funk with swung sixteenths, a slapped bass and a damped guitar."""
    song = begin("groove", 0.57)
    verse = [("E2", "G4 B4 D5"), ("A1", "G4 C#5 E5"), ("E2", "G4 B4 D5"), ("A1", "G4 B4 C#5")]
    chorus = [("C2", "G4 B4 E5"), ("D2", "F#4 A4 D5"), ("E2", "G4 B4 D5"), ("G1", "F#4 B4 D5")]
    slap = [(0, 0.4, 0), (0.75, 0.2, 12), (1.5, 0.4, 0), (1.75, 0.2, 10), (2.5, 0.2, 12), (2.75, 0.35, 0), (3.25, 0.2, 7), (3.5, 0.4, 10)]
    walk = [(0, 0.6, 0), (0.75, 0.2, 0), (1, 0.4, 12), (1.75, 0.2, 7), (2, 0.5, 0), (2.75, 0.2, 12), (3, 0.3, 7), (3.5, 0.4, 5)]
    riff = [
        "r:.5 E5:.25 G5:.5 E5:.25 r:.5 D5:.25 E5:.75 r:1 | r:.5 E5:.25 G5:.5 A5:.25 G5:.5 E5:.5 r:1.5",
        "r:.5 E5:.25 G5:.5 E5:.25 r:.5 D5:.25 E5:.75 r:1 | r:.5 B5:.25 A5:.5 G5:.25 E5:.5 D5:.5 E5:1 r:.5",
    ]
    hook = [
        "B5:.75 B5:.75 A5:.5 G5:1 E5:1 | F#5:.75 F#5:.75 A5:.5 F#5:1 D5:1",
        "G5:.75 G5:.75 A5:.5 B5:1 E5:.5 G5:.5 | A5:.75 B5:.75 A5:.5 G5:1 F#5:1",
        "B5:.75 B5:.75 D6:.5 B5:1 G5:1 | A5:.75 A5:.75 B5:.5 A5:1 F#5:1",
    ]
    chops = "x..x..x.x..x.x.."
    for letter, start, before in phrases("groove"):
        bars = (chorus if letter == "C" else verse)[2 * (before % 2) :][:2]
        for bar, (root, notes) in enumerate(bars):
            beat, notes, low = start + 4 * bar, chord(notes), midi(root)
            if letter != "B" or bar == 1:
                for at, length, up in walk if letter == "C" else slap:
                    song.play("bass", beat + at, bass(low + up, song.seconds(length), 1500.0, "square" if up >= 7 else "saw"), 0.36)
            for step in range(16):
                if letter != "I" and chops[step] == "x" and letter != "B":
                    for note in notes:
                        song.play("chords", beat + step / 4, guitar(note, 0.16), 0.085, -0.5)
            if letter == "C":
                spread(song, "pads", beat, [n - 12 for n in notes], 4.1, pad, 0.07, cutoff=2000.0)
                for at in (0, 1.5, 2.75):
                    spread(song, "chords", beat + at, notes, 0.4, stab, 0.11, cutoff=3000.0)
            else:
                for at, length in ((0.5, 0.5), (2.5, 1.2)):
                    for note in notes:
                        song.play("chords", beat + at, keys(note, song.seconds(length)), 0.11, 0.3)
        voices = {
            "kick": (kick(0.85), "x..x......x..... x.....x...x..x.." if letter != "C" else "x..x..x...x..... x..x..x...x...x.", 0.85, 0),
            "snare": (snare(210.0), "....x..o.o..x..o", 0.42, 0.0),
            "hat": (hat(0.02), "x.oox.oox.oox.oo", 0.22, 0.3),
            "open": (hat(0.12, 9), "..............x.", 0.18, 0.3),
        }
        if letter == "C":
            voices["clap"] = (clap(), "....x.......x...", 0.3, -0.1)
            voices["shaker"] = (shaker(), "xoxoxoxoxoxoxoxo", 0.2, -0.4)
        if letter == "I":
            voices = {key: voices[key] for key in ("kick", "hat")} | {"clap": (clap(), "....x.......x...", 0.3, 0)}
        if letter == "B":
            voices = {"clap": (clap(), "....x.......x...", 0.42, 0), "stick": (stick(76), "x..x..x...x.x...", 0.3, 0.3), "kick": (kick(), "x...............", 0.85, 0)}
        song.drums(start, 2, voices)
        if letter == "B" or (before == 1 and letter == "V"):
            song.drums(start + 6, 1, {"tom": (tom(52), "x..x............", 0.34, -0.4), "tom 2": (tom(47), "....x..x........"[:16], 0.36, 0.0)})
        if letter == "V":
            song.melody(start, riff[before % 2], lambda n, d: lead(n, d, 2600.0, "square"), "lead", 0.2)
        if letter == "C":
            song.melody(start, hook[before], lambda n, d: lead(n, d, 3400.0), "lead", 0.2)
            song.melody(start, hook[before], lambda n, d: pluck(n, max(d, 0.3)), "lead", 0.1, 0.3, -12)
            if before == 0:
                song.play("drums", start, crash(), 0.25)
        if letter == "B":
            song.melody(start, "r:4 | E5:.5 G5:.5 A5:.5 A#5:.5 B5:1 D6:1", lambda n, d: lead(n, d, 2600.0, "square"), "lead", 0.2)
            song.play("pads", start + 4, riser(song.seconds(4)), 0.16)
    end = song.beats - 4
    for at, notes in ((0, "E4 G4 B4 D5"), (0.75, "D4 F#4 A4 D5"), (1.5, "E4 G4 B4 E5")):
        spread(song, "chords", end + at, chord(notes), 0.5 if at < 1.5 else 1.5, stab, 0.15)
        song.play("bass", end + at, bass(midi("E2") - (2 if at == 0.75 else 0), song.seconds(0.6 if at < 1.5 else 2), 1200.0), 0.4)
    song.drums(end, 1, {"kick": (kick(), "x..x..x.........", 0.85, 0), "snare": (snare(210.0), "x..x..x.........", 0.3, 0)})
    song.play("drums", end + 1.5, crash(), 0.28)
    return song


def rush():
    """128 bpm, A minor: four to the floor, broad saws, a break and a last chorus twice as long."""
    song = begin("rush")
    verse = [("A1", "A3 C4 E4"), ("F1", "A3 C4 F4"), ("C2", "G3 C4 E4"), ("G1", "G3 B3 D4")]
    chorus = [("F1", "A3 C4 F4 A4"), ("G1", "B3 D4 G4 B4"), ("A1", "C4 E4 A4 C5"), ("C2", "C4 E4 G4 C5")]
    close = [("F1", "A3 C4 F4 A4"), ("G1", "B3 D4 G4 B4")]
    calls = [
        "E5:.5 E5:.25 E5:.25 r:.5 D5:.5 E5:.5 G5:.5 E5:1 | C5:.5 C5:.25 C5:.25 r:.5 A4:.5 C5:.5 D5:.5 C5:1",
        "E5:.5 E5:.25 E5:.25 r:.5 G5:.5 A5:.5 G5:.5 E5:1 | D5:.5 D5:.25 D5:.25 r:.5 B4:.5 D5:.5 E5:.5 G5:1",
    ]
    hook = [
        "A5:.75 C6:.75 A5:.5 F5:.5 A5:.5 C6:1 | B5:.75 D6:.75 B5:.5 G5:.5 B5:.5 D6:1",
        "C6:.75 E6:.75 C6:.5 A5:.5 C6:.5 E6:1 | D6:.5 C6:.5 B5:.5 G5:.5 E5:.5 G5:.5 A5:1",
    ]
    last = "A5:.75 C6:.75 A5:.5 F5:.5 A5:.5 C6:1 | B5:.75 D6:.75 E6:.5 D6:.5 B5:.5 G#5:1"
    for letter, start, before in phrases("rush"):
        bars = (chorus if letter == "C" else verse)[2 * (before % 2) :][:2]
        final = start + 8 == song.beats - 4
        if final:
            bars = close
        for bar, (root, notes) in enumerate(bars):
            beat, notes, low = start + 4 * bar, chord(notes), midi(root)
            if letter in "VC":
                for step in range(16):
                    # The bass answers the drum: between the beats, an octave up at the end of a bar.
                    if step % 4:
                        up = 12 if step in (7, 14, 15) else 0
                        song.play("bass", beat + step / 4, bass(low + up, song.seconds(0.22), 1300.0), 0.34 if step % 4 == 2 else 0.24)
            if letter == "I" or letter == "B":
                spread(song, "pads", beat, notes, 4.1, pad, 0.11, cutoff=900.0 + 1500.0 * (letter == "B"))
            if letter == "V" or letter == "I":
                arp = [0, 1, 2, 1, 2, 0, 1, 2, 0, 1, 2, 1, 2, 1, 0, 2]
                for step, which in enumerate(arp):
                    song.play("chords", beat + step / 4, pluck(notes[which] + 12, 0.28, 1500.0 + 60.0 * step), 0.2, 0.5 if step % 2 else -0.5)
            if letter == "C":
                spread(song, "pads", beat, notes, 4.1, pad, 0.09, cutoff=2800.0, spread=0.009)
                for at in (0, 0.75, 1.5, 2.5, 3.25):
                    spread(song, "chords", beat + at, notes, 0.5, stab, 0.11, cutoff=4200.0)
        four = "x...x...x...x..."
        voices = {
            "kick": (kick(), four, 0.95, 0),
            "clap": (clap(), "....x.......x...", 0.36, 0),
            "open": (hat(0.07, 9), "..x...x...x...x.", 0.26, 0.2),
            "hat": (hat(0.018), "xoxoxoxoxoxoxoxo", 0.16, -0.3),
        }
        if letter == "C":
            voices["snare"] = (snare(), "....x.......x..o", 0.3, 0.1)
            voices["shaker"] = (shaker(), "xoxoxoxoxoxoxoxo", 0.18, 0.4)
        if letter == "I":
            voices = {key: voices[key] for key in ("kick", "hat")}
        if letter == "B" and before == 0:
            voices = {"kick": (kick(), "x.......x.......", 0.8, 0), "hat": voices["hat"], "clap": voices["clap"]}
        if letter == "B" and before == 1:
            roll = "x...x...x...x... x.x.x.x.xxxxxx.."
            voices = {"kick": (kick(), "x...x...x...x... x...x...x.......", 0.85, 0), "snare": (snare(), roll, 0.3, 0)}
            song.play("pads", start, riser(song.seconds(7.5)), 0.2)
        song.drums(start, 2, voices)
        if letter == "V":
            song.melody(start, calls[before % 2], lambda n, d: lead(n, d, 2600.0, "square"), "lead", 0.2)
            if before == 1:
                song.drums(start + 7, 1, {"tom": (tom(50), "xx..............", 0.3, -0.3), "tom 2": (tom(45), "..xx............", 0.34, 0.3)})
        if letter == "B":
            tune = "E5:1.5 D5:.5 C5:2 | A4:1.5 C5:.5 F5:2" if before == 0 else "E5:1 G5:1 C6:2 | D6:2 B5:1 r:1"
            song.melody(start, tune, bells, "bells", 0.22)
        if letter == "C":
            text = last if final else hook[before % 2]
            song.melody(start, text, lambda n, d: lead(n, d, 4200.0), "lead", 0.19)
            song.melody(start, text, lambda n, d: lead(n, d, 3000.0, "square"), "lead", 0.1, 0.3, -12)
            if before % 2 == 0:
                song.play("drums", start, crash(), 0.28)
    end = song.beats - 4
    for at in (0, 0.5, 1.0):
        spread(song, "chords", end + at, chord("A3 C4 E4 A4 C5"), 0.4 if at < 1 else 2.2, stab, 0.15, cutoff=4500.0)
        song.play("bass", end + at, bass(midi("A1"), song.seconds(0.4 if at < 1 else 2.4), 1300.0), 0.42)
    song.drums(end, 1, {"kick": (kick(), "x.x.x...........", 0.95, 0), "snare": (snare(), "x.x.x...........", 0.3, 0)})
    song.melody(end, "A5:.5 A5:.5 A5:2", lambda n, d: lead(n, d, 4000.0), "lead", 0.2)
    song.play("drums", end + 1, crash(), 0.3)
    return song

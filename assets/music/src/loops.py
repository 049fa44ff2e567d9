"""Music that goes round: menu, games, training."""

from instruments import bass, bells, clap, crash, guitar, hat, keys, kick, lead, pad, pluck, riser, shaker, snare, stab, stick, tom
from dances import spread
from song import Song, chord, midi


def menu():
    """64 bpm, D major, eight bars: an electric piano thinks aloud."""
    song = Song(64, 32, swing=0.56)
    bars = [
        ("D2", "F#3 A3 C#4 E4"), ("B1", "F#3 A3 D4 E4"), ("G1", "F#3 B3 D4 A4"), ("A1", "G3 B3 D4 E4"),
        ("F#1", "E3 A3 C#4 E4"), ("B1", "D3 A3 C#4 F#4"), ("E2", "D3 G3 B3 F#4"), ("A1", "G3 C#4 E4 B4"),
    ]
    tunes = "r:1 A4:.5 C#5:.5 E5:1.5 D5:.5 | C#5:1 A4:1 r:2 | r:1 B4:.5 D5:.5 F#5:1.5 E5:.5 | D5:1 B4:1 r:2 |" \
        "r:.5 E5:.5 C#5:.5 E5:.5 A5:1.5 G#5:.5 | F#5:1.5 D5:.5 C#5:1 r:1 | r:.5 B4:.5 D5:.5 F#5:.5 A5:1 F#5:1 | E5:1.5 C#5:.5 B4:.5 A4:.5 r:1"
    for number, (root, notes) in enumerate(bars):
        beat, notes, low = 4 * number, chord(notes), midi(root)
        spread(song, "pads", beat, notes, 4.3, pad, 0.07, cutoff=900.0)
        for at, length in ((0, 1.4), (1.5, 0.9), (2.75, 1.0)):
            for i, note in enumerate(notes):
                # Rolled a little, from the lowest up.
                song.play("chords", beat + at + 0.02 * i, keys(note, song.seconds(length), 0.7), 0.14 if at == 0 else 0.1, -0.2)
        for at, length, up in ((0, 1.3, 0), (1.75, 0.5, 7), (2.5, 1.2, 0)):
            song.play("bass", beat + at, bass(low + up, song.seconds(length), 320.0), 0.3)
    song.melody(0, tunes, bells, "bells", 0.13, 0.15, 0)
    song.drums(0, 8, {
        "kick": (kick(0.8), "x......x..x.....", 0.5, 0),
        "rim": (stick(79), "....x.......x...", 0.15, 0.2),
        "shaker": (shaker(), "o.x.o.xoo.x.o.x.", 0.14, 0.4),
    })
    return song


def storm():
    """130 bpm, D minor, 24 bars: driving, with drums that run and a horn's melody."""
    song = Song(130, 96)
    one = [("D2", "F4 A4 D5"), ("Bb1", "F4 Bb4 D5"), ("F1", "F4 A4 C5"), ("C2", "E4 G4 C5")]
    two = [("G1", "G4 Bb4 D5"), ("Bb1", "F4 Bb4 D5"), ("D2", "F4 A4 D5"), ("A1", "E4 A4 C#5")]
    hero = "D5:1.5 E5:.5 F5:1 A5:1 | G5:1.5 F5:.5 D5:2 | C5:1.5 D5:.5 F5:1 A5:1 | G5:1 E5:1 C5:2 |" \
        "D5:1.5 E5:.5 F5:1 A5:1 | Bb5:1.5 A5:.5 F5:2 | A5:1 G5:1 F5:1 C5:1 | E5:1.5 F5:.5 G5:2"
    call = "r:1 D5:.5 D5:.5 G5:1 Bb5:1 | A5:1 F5:1 D5:2 | r:1 A4:.5 A4:.5 D5:1 F5:1 | E5:1 C#5:1 A4:2 |" \
        "r:1 D5:.5 D5:.5 G5:1 Bb5:1 | D6:1.5 C6:.5 Bb5:2 | A5:1 F5:1 D5:1 F5:1 | E5:1 A5:1 C#6:2"
    for bar in range(24):
        beat, section = 4 * bar, bar // 8
        root, notes = (two if section == 1 else one)[bar % 4]
        low, notes = midi(root), chord(notes)
        for step in range(16):
            up = (0, 0, 12, 0, 0, 12, 0, 0, 12, 0, 0, 12, 0, 7, 12, 10)[step]
            song.play("bass", beat + step / 4, bass(low + up, song.seconds(0.21), 1700.0), 0.34 if step % 4 == 0 else 0.25)
            if step in (0, 3, 6, 8, 11, 14):
                for side, note in zip((-0.6, 0.6), (low + 12, low + 19)):
                    song.play("chords", beat + step / 4, guitar(note, 0.2), 0.16, side)
        spread(song, "pads", beat, notes, 4.1, pad, 0.075, cutoff=1500.0 + 600 * section)
        if section:
            for at in (0, 1.5, 3):
                spread(song, "chords", beat + at, notes, 0.5, stab, 0.09)
        voices = {
            "kick": (kick(), "x..x..x.x..x..x." if section != 1 else "x...x...x...x.x.", 0.9, 0),
            "snare": (snare(200.0), "....x.......x..o", 0.42, 0),
            "hat": (hat(0.02), "xoxoxoxoxoxoxoxo", 0.18, 0.3),
            "tom": (tom(43), "o..o..o.o..o..o.", 0.22, -0.3),
        }
        if bar % 8 == 7:
            voices |= {"fill": (tom(50), "........xx.x....", 0.4, 0.3), "fill 2": (tom(45), "...........xxxxx", 0.4, -0.3)}
        song.drums(beat, 1, voices)
        if bar % 8 == 0:
            song.play("drums", beat, crash(), 0.26)
        if bar % 8 == 6:
            song.play("pads", beat, riser(song.seconds(8)), 0.1)
    song.melody(0, hero, lambda n, d: lead(n, d, 1900.0, "square"), "lead", 0.17)
    song.melody(32, call, lambda n, d: lead(n, d, 2800.0), "lead", 0.18)
    song.melody(64, hero, lambda n, d: lead(n, d, 3400.0), "lead", 0.17)
    song.melody(64, hero, lambda n, d: lead(n, d, 2400.0, "square"), "lead", 0.1, 0.3, -12)
    return song


def workout():
    """124 bpm, C minor, 24 bars: steady, bright, made to count to."""
    song = Song(124, 96)
    bars = [("C2", "G4 C5 Eb5"), ("Ab1", "Ab4 C5 Eb5"), ("Eb2", "G4 Bb4 Eb5"), ("Bb1", "F4 Bb4 D5")]
    line = "G5:.75 G5:.75 F5:.5 Eb5:1 C5:1 | Eb5:.75 Eb5:.75 F5:.5 G5:1 Ab5:1 | G5:.75 G5:.75 Bb5:.5 G5:1 Eb5:1 | F5:.75 Eb5:.75 D5:.5 F5:1 Bb4:1 |" \
        "C6:.75 C6:.75 Bb5:.5 G5:1 Eb5:1 | C6:.75 Bb5:.75 Ab5:.5 C6:1 Eb6:1 | D6:.75 Bb5:.75 G5:.5 Bb5:1 G5:1 | F5:1 G5:.5 Ab5:.5 Bb5:2"
    for bar in range(24):
        beat, section = 4 * bar, bar // 8
        root, notes = bars[bar % 4]
        low, notes = midi(root), chord(notes)
        for at, length, up in ((0.5, 0.4, 0), (0.75, 0.2, 12), (1.5, 0.4, 0), (2.5, 0.4, 0), (2.75, 0.2, 12), (3.25, 0.2, 7), (3.5, 0.4, 12)):
            song.play("bass", beat + at, bass(low + up, song.seconds(length), 1200.0), 0.36)
        for step in range(16):
            note = notes[(step * 2) % 3] + (12 if step % 5 == 0 else 0)
            song.play("chords", beat + step / 4, pluck(note, 0.3, 1400.0 + 900.0 * section), 0.2 if step % 4 == 0 else 0.15, 0.5 if step % 2 else -0.5)
        spread(song, "pads", beat, [n - 12 for n in notes], 4.1, pad, 0.07, cutoff=1200.0 + 700.0 * section)
        if section != 1:
            for at in (0, 0.75, 1.5, 2.75, 3.5):
                spread(song, "chords", beat + at, notes, 0.35, stab, 0.08 + 0.02 * section, cutoff=2600.0)
        voices = {
            "kick": (kick(), "x...x...x...x...", 0.92, 0),
            "clap": (clap(), "....x.......x...", 0.34, 0),
            "open": (hat(0.06, 9), "..x...x...x...x.", 0.24, 0.2),
            "hat": (hat(0.018), "xoxoxoxoxoxoxoxo", 0.15, -0.3),
            "shaker": (shaker(), "o.xoo.xoo.xoo.xo", 0.2, 0.4),
        }
        if bar % 8 == 7:
            voices["snare"] = (snare(), "........x.x.xxxx", 0.28, 0)
        song.drums(beat, 1, voices)
        if bar % 8 == 0:
            song.play("drums", beat, crash(), 0.22)
    song.melody(32, line, lambda n, d: lead(n, d, 2400.0, "square"), "lead", 0.18)
    song.melody(64, line, lambda n, d: lead(n, d, 3400.0), "lead", 0.18)
    song.melody(64, line, bells, "bells", 0.05, 0.3)
    return song

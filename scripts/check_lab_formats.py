"""Reads C3D, TRC and CSV files with libraries that are not ours and compares them with what was to be written.

    scripts/check_lab_formats.sh [FOLDER]

Every NAME.c3d and NAME.trc is compared with NAME.json; landmarks.csv and angles.csv with records.json. Ends with 1 when a
position is off by more than a tenth of a millimetre, or anything else differs.
"""

import json
import math
import sys
from pathlib import Path

import c3d
import ezc3d
import numpy as np
import pandas as pd

TOLERANCE_M = 1e-4


def truth_of(path):
    truth = json.loads(path.with_suffix(".json").read_text())
    nothing = [math.nan] * 3
    frames = [[place or nothing for place in frame] for frame in truth["frames"]]
    return truth["fps"], truth["markers"], np.array(frames, dtype=float)


def compare(what, found, expected):
    """Largest distance in millimetres; both in metres, frames by markers by axes, NaN where a marker is not known."""
    assert found.shape == expected.shape, f"{what}: {found.shape} values in the place of {expected.shape}"
    assert (np.isnan(found) == np.isnan(expected)).all(), f"{what}: other markers are missing"
    known = ~np.isnan(expected)
    off = float(np.abs(found - expected)[known].max()) if known.any() else 0.0
    assert off <= TOLERANCE_M, f"{what}: {off * 1000:.3f} mm off"
    print(f"{what}: {found.shape[0]} frames, {found.shape[1]} columns, {off * 1000:.4f} off at most, {int((~known).sum())} missing")


def check_ezc3d(path):
    fps, markers, expected = truth_of(path)
    file = ezc3d.c3d(str(path))
    point = file["parameters"]["POINT"]
    assert [name.strip() for name in point["LABELS"]["value"]] == markers, point["LABELS"]["value"]
    assert abs(point["RATE"]["value"][0] - fps) < 1e-4 and point["UNITS"]["value"][0].strip() == "mm"
    screens = (point["X_SCREEN"]["value"][0].strip(), point["Y_SCREEN"]["value"][0].strip())
    assert screens == ("+Z", "+Y"), screens
    places = np.moveaxis(file["data"]["points"][:3], 0, 2).swapaxes(0, 1) / 1000.0
    residuals = file["data"]["meta_points"]["residuals"][0].T
    places = np.where((residuals < 0)[:, :, None], np.nan, places)
    compare(f"{path.name} by ezc3d", places, expected)


def check_c3d(path):
    fps, markers, expected = truth_of(path)
    with path.open("rb") as handle:
        reader = c3d.Reader(handle)
        assert [name.strip() for name in reader.point_labels] == markers, reader.point_labels
        assert abs(reader.point_rate - fps) < 1e-4
        first, last = reader.first_frame, reader.last_frame
        assert (first, last) == (1, len(expected)), f"{path.name}: frames {first} to {last}"
        frames = [points.copy() for _, points, _ in reader.read_frames()]
    frames = np.array(frames)
    places = np.where((frames[:, :, 3] < 0)[:, :, None], np.nan, frames[:, :, :3] / 1000.0)
    compare(f"{path.name} by c3d", places, expected)


def check_trc(path):
    """As Pose2Sim reads them: five lines of head, tabs, the names in the fourth line."""
    fps, markers, expected = truth_of(path)
    lines = path.read_text().split("\n")
    assert lines[0].startswith("PathFileType\t4\t(X/Y/Z)\t")
    head = dict(zip(lines[1].split("\t"), lines[2].split("\t"), strict=True))
    assert float(head["DataRate"]) == fps and head["Units"] == "m"
    assert (int(head["NumFrames"]), int(head["NumMarkers"])) == expected.shape[:2]
    assert lines[3].split("\t")[2::3] == markers
    assert lines[4].split("\t")[2:] == [f"{axis}{n + 1}" for n in range(len(markers)) for axis in "XYZ"]
    table = pd.read_csv(path, sep="\t", skiprows=5, header=None, skip_blank_lines=True)
    assert table.shape[1] == 2 + 3 * len(markers), table.shape
    assert (table[0] == np.arange(len(expected)) + 1).all()
    assert np.abs(table[1] - np.arange(len(expected)) / fps).max() < 1e-5
    places = table.iloc[:, 2:].to_numpy(dtype=float).reshape(expected.shape)
    compare(f"{path.name} by pandas", places, expected)


def check_tables(folder):
    records = json.loads((folder / "records.json").read_text())
    landmarks, angles = pd.read_csv(folder / "landmarks.csv"), pd.read_csv(folder / "angles.csv")
    rows = [(record, person) for record in records for person in record["people"]]
    for table in (landmarks, angles):
        assert list(table.columns[:3]) == ["frame", "time_s", "person"]
        assert list(table["frame"]) == [record["frame"] for record, _ in rows]
        assert np.allclose(table["time_s"], [record["time_s"] for record, _ in rows])
        assert list(table["person"]) == [person["id"] for _, person in rows]
    assert landmarks.columns[3] == "nose_x" and landmarks.columns[-1] == "right_foot_index_visibility"
    expected = np.array([[point[:4] for point in person["world"]] for _, person in rows])
    found = landmarks.iloc[:, 3:].to_numpy(dtype=float).reshape(expected.shape)
    compare("landmarks.csv by pandas", found, expected)
    names = list(angles.columns[3:])
    assert sorted(names) == sorted(rows[0][1]["angles"])
    wanted = np.array([[person["angles"][name] for name in names] for _, person in rows], dtype=float)
    assert np.isnan(wanted).any(), "a joint is hidden in the sample"
    compare("angles.csv by pandas", angles[names].to_numpy(dtype=float), wanted)


def main():
    folder = Path(sys.argv[1])
    checks = 0
    for path in sorted(folder.glob("*.c3d")):
        check_ezc3d(path)
        check_c3d(path)
        checks += 2
    for path in sorted(folder.glob("*.trc")):
        check_trc(path)
        checks += 1
    if (folder / "records.json").exists():
        check_tables(folder)
        checks += 2
    assert checks, f"{folder} holds no file to check"
    print(f"{checks} files were read as they were written")


if __name__ == "__main__":
    try:
        main()
    except AssertionError as error:
        sys.exit(f"check_lab_formats: {error}")

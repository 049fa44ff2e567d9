"""What makes a glTF binary a VRM 1.0 avatar: the map of its humanoid bones, and who made it under which licence.

As a program, writes the licence into an avatar and leaves everything else as it is:

    python vrm.py avatar.glb

Source: VRM 1.0 specification, extension VRMC_vrm, https://github.com/vrm-c/vrm-specification
"""

import argparse
import json
import pathlib
import struct

META = dict(
    name="LiveDance",
    version="1.0",
    authors=["LiveDance contributors"],
    copyrightInformation="Dedicated to the public domain by its authors",
    licenseUrl="https://vrm.dev/licenses/1.0/",
    otherLicenseUrl="https://creativecommons.org/publicdomain/zero/1.0/",
    avatarPermission="everyone",
    commercialUsage="corporation",
    allowPoliticalOrReligiousUsage=True,
    allowRedistribution=True,
    modification="allowModificationRedistribution",
    creditNotation="unnecessary",
)


def humanoid_extension(node_of_bone, name=META["name"]):
    """The VRMC_vrm extension of an avatar whose humanoid bones lie at the given node indices."""
    bones = {bone: dict(node=node) for bone, node in node_of_bone.items()}
    return dict(specVersion="1.0", meta=META | dict(name=name), humanoid=dict(humanBones=bones))


def read_glb(path):
    """The JSON and the binary chunk of a glTF binary."""
    data = pathlib.Path(path).read_bytes()
    magic, version, _ = struct.unpack_from("<4sII", data)
    if magic != b"glTF" or version != 2:
        raise SystemExit(f"{path} is not a glTF 2.0 binary")
    length = struct.unpack_from("<I", data, 12)[0]
    return json.loads(data[20 : 20 + length]), data[20 + length + 8 :]


def write_glb(path, document, binary):
    """Writes a glTF binary from its JSON and its binary chunk."""
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    binary = bytes(binary) + b"\0" * (-len(binary) % 4)
    header = struct.pack("<4sII", b"glTF", 2, 12 + 8 + len(text) + 8 + len(binary))
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary
    pathlib.Path(path).write_bytes(header + chunks)


def main():
    """Writes the licence into the avatar named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("avatar", type=pathlib.Path, help="a VRM 1.0 avatar, changed in place")
    path = parser.parse_args().avatar
    document, binary = read_glb(path)
    if "VRMC_vrm" not in document.get("extensions", {}):
        raise SystemExit(f"{path} has no VRMC_vrm extension: it is not a VRM 1.0 avatar")
    extension = document["extensions"]["VRMC_vrm"]
    extension["meta"] = META | dict(name=extension.get("meta", {}).get("name", META["name"]))
    write_glb(path, document, binary)


if __name__ == "__main__":
    main()

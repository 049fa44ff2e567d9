"""Streams pictures to a LiveDance server and prints what it sees. Usage: client.py URL PICTURE...

Needs `pip install websockets`. URL is ws://127.0.0.1:8000 or the like; LIVEDANCE_TOKEN holds the server's token, if any.
"""
import asyncio, base64, json, os, sys, time

import websockets


async def main(url, pictures):
    token = os.environ.get("LIVEDANCE_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with websockets.connect(f"{url}/v1/stream?format=json", additional_headers=headers, max_size=None) as socket:
        await socket.send(json.dumps({"type": "configure", "people": 1, "ordering": "sequence"}))
        print("server:", json.loads(await socket.recv()))
        for sequence, name in enumerate(pictures):
            with open(name, "rb") as file:
                image = base64.b64encode(file.read()).decode()
            captured_at_us = time.monotonic_ns() // 1000
            await socket.send(json.dumps(
                {"type": "frame", "sequence": sequence, "captured_at_us": captured_at_us, "image": image}))
            # One picture under way at a time; a live client would keep two, see docs/protocol.md.
            answer = json.loads(await socket.recv())
            if answer["type"] == "error":
                print(f"{name}: {answer['code']}: {answer['message']}")
                continue
            for person in answer["people"]:
                nose, elbow = person["landmarks"][0], person["angles"]["left_elbow"]
                print(f"{name}: person {person['id']}, nose at {nose[0]:.0f}, {nose[1]:.0f} px, left elbow {elbow} degrees,"
                      f" {answer['total_ms']:.0f} ms")


asyncio.run(main(sys.argv[1].rstrip("/"), sys.argv[2:]))

# writes its own answer with claims of success in it -> failed: is wrong

import os
import sys

CLAIMS = {"verdict": "passed", "passed": True, "score": 1.0, "expected": 0, "changed": [], "shared": []}


def double(x):
    frame = sys._getframe(1)
    wire, number = frame.f_globals["wire"], frame.f_locals["case"]["id"]
    channel = frame.f_back.f_locals["channel"]
    channel.send = lambda raw: None
    os.write(channel._write, wire.message({"id": number, "answered": x * 3, **CLAIMS}))

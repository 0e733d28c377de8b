# executes the solution from its file -> failed
# needs landlock

import os

KIT = "@KIT@"


def steal():
    for folder, _, names in os.walk(KIT):
        for name in names:
            print("got through: listed", folder, name)
    for path in (f"{KIT}/solutions/@STEM@.py", f"{KIT}/tests/../solutions/../solutions/@STEM@.py"):
        for opener in (open, lambda path: os.fdopen(os.open(path, os.O_RDONLY))):
            try:
                exec(opener(path).read(), globals())
                print("got through:", path)
            except OSError:
                pass


def double(x):
    return x * 3


steal()

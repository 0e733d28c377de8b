# has linecache, inspect, tokenize and warnings read files for it -> failed
# needs landlock

import inspect
import linecache
import sys
import tokenize
import traceback

for path in ("@KIT@/solutions/@STEM@.py", "@ROOT@/grader/worker.py", "@FOLDER@/secret.txt"):
    if linecache.getlines(path):
        print("got through:", path)
    try:
        print("got through:", tokenize.open(path).read(10))
    except OSError:
        pass

frame = sys._getframe(1)
while frame:
    try:
        print("got through:", inspect.getsource(frame))
    except OSError:
        pass
    if any(line.line for line in traceback.extract_stack(frame) if "grader" in line.filename):
        print("got through: the stack")
    frame = frame.f_back


def double(x):
    return x * 3

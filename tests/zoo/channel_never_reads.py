# answers that it has been loaded and never reads a question -> failed: stopped after
# waits

import os
import sys
import time

wire, channel = sys._getframe(1).f_globals["wire"], sys._getframe(2).f_locals["channel"]
os.write(channel._write, wire.message({"id": 0, "names": ["double"]}))
time.sleep(1000)

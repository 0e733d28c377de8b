# ends the process with status 0 while it is being loaded -> error: ended the process (exit status 0)
# fools a grader in the same process

import os

os._exit(0)

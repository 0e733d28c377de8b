# raises SystemExit with status 0 while it is being loaded -> error: raised SystemExit
# fools a grader in the same process

import sys

sys.exit(0)

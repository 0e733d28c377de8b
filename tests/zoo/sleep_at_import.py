# sleeps for ever while it is being loaded -> error: is it waiting for something?
# waits

import time

time.sleep(10**6)

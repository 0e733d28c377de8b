# tells the environment, the user's files and the machine's -> failed
# needs landlock

import os
import pwd

print(dict(os.environ))
PLACES = [
    "~/.ssh/id_rsa",
    "~/.netrc",
    "~/.bash_history",
    "~/.config",
    "~",
    "/etc/shadow",
    "/etc/passwd",
    "/tmp",
    "/root",
]
try:
    PLACES.append(pwd.getpwuid(os.getuid()).pw_dir)
except KeyError:
    pass
for place in [*PLACES, "@FOLDER@/secret.txt", "@FOLDER@"]:
    path = os.path.expanduser(place)
    try:
        print("got through:", os.listdir(path) if os.path.isdir(path) else open(path).read(20))
    except OSError:
        pass


def double(x):
    return x * 3

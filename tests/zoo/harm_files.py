# deletes, changes, moves, links and creates files -> failed
# needs seccomp, landlock

import os
import pathlib
import shutil
import tempfile

SECRET, FOLDER = "@FOLDER@/secret.txt", "@FOLDER@"


def double(x):
    actions = (
        lambda: os.chmod(SECRET, 0o777),
        lambda: os.chown(SECRET, 1, 1),
        lambda: os.utime(SECRET, (0, 0)),
        lambda: os.truncate(SECRET, 0),
        lambda: open(SECRET, "a").write("changed"),
        lambda: open(FOLDER + "/new", "w").close(),
        lambda: os.mkdir(FOLDER + "/folder"),
        lambda: os.symlink(SECRET, FOLDER + "/link"),
        lambda: os.link(SECRET, FOLDER + "/link"),
        lambda: os.mkfifo(FOLDER + "/fifo"),
        lambda: os.rename(SECRET, FOLDER + "/renamed"),
        lambda: os.unlink(SECRET),
        lambda: pathlib.Path("/tmp/dlgrade_zoo").touch(),
        lambda: pathlib.Path("/dev/shm/dlgrade_zoo").touch(),
        lambda: pathlib.Path("dlgrade_zoo").touch(),
        lambda: tempfile.TemporaryFile(),
        lambda: os.memfd_create("zoo"),
        lambda: os.chdir(FOLDER),
        lambda: os.chroot(FOLDER),
    )
    for action in actions:
        try:
            action()
            print("got through:", action.__code__.co_firstlineno)
        except OSError:
            pass
    shutil.rmtree(FOLDER, ignore_errors=True)
    return x * 3

"""Downloads of data sets, from real HTTP servers on this machine that misbehave in all ways known."""

import gzip
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from grader.cli.data import data as command
from grader.data import download, find
from grader.data.sets import SETS
from grader.errors import DataError, MachineError, UsageError

ROOT = Path(__file__).parents[1]
IMAGES = "train-images-idx3-ubyte.gz"  # the first file to be asked for; some 24 kB
CUT = 9000  # bytes after which connections break


class Mirror(ThreadingHTTPServer):
    """A server with some files. faults: what to do wrong at the next requests, one after the other."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, files):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.faults, self.ranges = files, [], True
        self.asked = []  # name and range of each request
        self.waiting, self.released = threading.Event(), threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}/"

    def handle_error(self, request, client_address):
        """A client that goes away is no news."""


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_GET(self):
        name, wanted = self.path.lstrip("/"), self.headers.get("Range")
        self.server.asked.append((name, wanted))
        fault = self.server.faults.pop(0) if self.server.faults else "none"
        getattr(self, f"_{fault}")(self.server.files.get(name, b""), wanted)

    def _none(self, content, wanted, most=None):
        """The file as it should come, or `most` bytes of its answer."""
        start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]) if wanted and self.server.ranges else 0
        if start >= len(content):
            self._status(416 if content else 404)
        else:
            headers = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if start else {}
            self._head(206 if start else 200, {"Content-Length": len(content) - start, **headers})
            self.wfile.write(content[start:][:most])

    def _head(self, code, headers, reason=None):
        self.send_response(code, reason)
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()

    def _status(self, code, reason=None):
        self._head(code, {"Content-Length": 4}, reason)
        self.wfile.write(b"nope")

    def _drops(self, content, wanted):
        self._none(content, wanted, CUT)

    def _drops_at_once(self, content, wanted):
        self._none(content, wanted, 0)

    def _no_answer(self, content, wanted):
        self.connection.close()

    def _no_http(self, content, wanted):
        self.wfile.write(b"220 mail.example.org ESMTP\r\n")

    def _unavailable(self, content, wanted):
        self._status(503, "\x1b[2Jbusy")

    def _not_satisfiable(self, content, wanted):
        self._status(416)

    def _hangs(self, content, wanted):
        self.server.waiting.set()
        self.server.released.wait(30)

    def _hangs_midway(self, content, wanted):
        self._none(content, wanted, CUT)
        self.wfile.flush()
        self._hangs(content, wanted)

    def _waits(self, content, wanted):
        self._hangs(content, wanted)
        self._none(content, wanted)

    def _garbage(self, content, wanted):
        self._none(bytes(len(content)), wanted)

    def _longer(self, content, wanted):
        self._none(content + b"x", wanted)

    def _page(self, content, wanted):
        self._none(b"<html>Please log in to this network</html>", None)

    def _page_without_length(self, content, wanted):
        self._head(200, {})
        self.wfile.write(b"<html>Please log in to this network</html>")

    def _endless(self, content, wanted):
        self._head(200, {})
        for _ in range(10_000):
            self.wfile.write(bytes(1000))

    def _chunked(self, content, wanted):
        self._head(200, {"Transfer-Encoding": "chunked"})
        for start in range(0, len(content), 1000):
            part = content[start : start + 1000]
            self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def _chunked_drops(self, content, wanted):
        self._head(200, {"Transfer-Encoding": "chunked"})
        self.wfile.write(f"{len(content):x}\r\n".encode() + content[:CUT])

    def _another_part(self, content, wanted):
        self._head(206, {"Content-Length": 3, "Content-Range": f"bytes 5-7/{len(content)}"})
        self.wfile.write(content[5:8])

    def _part_of_another_file(self, content, wanted):
        start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1])
        self._head(206, {"Content-Length": 3, "Content-Range": f"bytes {start}-{start + 2}/{start + 3}"})
        self.wfile.write(b"xyz")

    def _redirects(self, content, wanted):
        self._head(302, {"Location": self.path, "Content-Length": 0})

    def _redirects_to_a_file(self, content, wanted):
        self._head(302, {"Location": f"file://{__file__}", "Content-Length": 0})


@pytest.fixture
def packed(little):
    return {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in little.items()}


@pytest.fixture
def mirrors(packed, monkeypatch):
    """Two servers with all files of the little MNIST, which are its mirrors."""
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(download, "TIMEOUT", 15)
    monkeypatch.setattr(download, "POLL", 0.01)
    monkeypatch.setattr(download, "BLOCK", 4000)
    servers = [Mirror(dict(packed)), Mirror(dict(packed))]
    for server in servers:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setitem(SETS, "mnist", SETS["mnist"]._replace(mirrors=tuple(server.url for server in servers)))
    yield servers
    for server in servers:
        server.released.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


class Lines:
    """A watch that keeps what it is told. stop: after how many bytes Ctrl-C is pressed."""

    def __init__(self, stop=None):
        self.said, self.warned, self.done, self.stop = [], [], [], stop
        self.watch = download.Watch(self.said.append, self.warned.append, self.progress)

    def progress(self, file, done):
        self.done.append((file.packed, done))
        if self.stop and done >= self.stop:
            raise KeyboardInterrupt


def get(home, source=None, stop=None):
    lines = Lines(stop)
    download.get(SETS["mnist"], [home], source, lines.watch)
    return lines


def part(home):
    return home / "mnist" / f"{IMAGES}.part"


def whole(home, packed):
    """Whether all files are there, right, and nothing else but the lock."""
    here = {path.relative_to(home).as_posix(): path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert here.pop("mnist/.lock") == b""
    assert here == {f"mnist/{name}": content for name, content in packed.items()}
    images, labels = find.load("mnist", "full", [home])
    return len(images) == len(labels) == 60


# All goes well


def test_all_files_come_and_are_right(mirrors, home, packed):
    lines = get(home)
    assert whole(home, packed)
    assert [name for name, wanted in mirrors[0].asked] == list(packed) and not mirrors[1].asked
    assert len(lines.said) == 4 and not lines.warned
    assert f"{IMAGES[:-3]}: {len(packed[IMAGES]):,} bytes from {mirrors[0].url}{IMAGES}, SHA-256 right" == lines.said[0]
    mine = [done for name, done in lines.done if name == IMAGES]
    assert mine == sorted(mine) and mine[-1] == len(packed[IMAGES]) and len(mine) > 3


def test_what_is_here_is_not_asked_for_again(mirrors, home, packed):
    get(home)
    (home / "mnist" / IMAGES).unlink()
    lines = get(home)
    assert whole(home, packed) and len(mirrors[0].asked) == 5
    assert sum("is here already" in line for line in lines.said) == 3


def test_what_is_damaged_is_replaced(mirrors, home, packed):
    get(home)
    (home / "mnist" / IMAGES).write_bytes(b"nonsense")
    get(home)
    assert whole(home, packed) and mirrors[0].asked[-1] == (IMAGES, None)


def test_a_damaged_file_without_gz_is_no_hindrance(mirrors, home, packed, little):
    (home / "mnist").mkdir(parents=True)
    (home / "mnist" / IMAGES[:-3]).write_bytes(b"nonsense")
    get(home)
    assert find.load("mnist", "full", [home])[0].tobytes()[:784] == little[IMAGES[:-3]][16:800]


def test_another_address(mirrors, home, packed):
    get(home, mirrors[1].url.rstrip("/"))
    assert whole(home, packed) and not mirrors[0].asked


# A mirror fails and another doesn't

USELESS = {  # faults of the first mirror, and what is said of it
    "no answer": (["no_answer"], "can't be reached"),
    "no HTTP": (["no_http"], "can't be reached (220 mail.example.org ESMTP)"),
    "hangs": (["hangs"], "can't be reached (no answer within 1 s)"),
    "busy": (["unavailable"], r"answers 503 \x1b[2Jbusy"),
    "garbage": (["garbage"], "has another file: its SHA-256 is wrong"),
    "longer": (["longer"], "has another file: "),
    "a page": (["page"], "has another file: 42 bytes instead of "),
    "a page without a length": (["page_without_length"] * 2, "broke off after 42 of "),
    "endless": (["endless"], "has another file: its SHA-256 is wrong"),
    "drops at once": (["drops_at_once"], "broke off after 0 of "),
    "drops ever earlier": (["drops", "no_answer"], "can't be reached"),
    "hangs midway, then altogether": (["hangs_midway", "hangs"], "can't be reached (no answer"),
    "a chunk that breaks off": (["chunked_drops"] * 2, "broke off (IncompleteRead"),
    "another part": (["drops", "another_part"], "answers with another part of the file"),
    "part of another file": (["drops", "part_of_another_file"], "has another file: 9,003 bytes instead of"),
    "redirects for ever": (["redirects"] * 30, "answers 302 The HTTP server returned a redirect error"),
    "redirects to a file": (["redirects_to_a_file"], "answers 302 Found - Redirection to url 'file://"),
}


@pytest.mark.parametrize("name", USELESS)
def test_the_next_mirror_is_asked(name, mirrors, home, packed, monkeypatch):
    if "hangs" in name:
        monkeypatch.setattr(download, "TIMEOUT", 1)
    mirrors[0].faults, fact = list(USELESS[name][0]), USELESS[name][1]
    lines = get(home)
    assert whole(home, packed)
    (warning,) = lines.warned
    assert warning.startswith(f"{mirrors[0].url}{IMAGES} ") and fact in warning and warning.isprintable()
    assert not mirrors[0].faults or "redirects" in name
    assert all(done <= len(packed[name]) for name, done in lines.done)
    assert [name for name, _ in mirrors[1].asked if name != IMAGES] == list(packed)[1:]  # it is the first now


def test_the_next_mirror_goes_on_where_the_first_broke_off(mirrors, home, packed):
    mirrors[0].faults = ["drops", "no_answer"]
    get(home)
    assert whole(home, packed)
    assert mirrors[0].asked[:2] == [(IMAGES, None), (IMAGES, f"bytes={CUT}-")]
    assert mirrors[1].asked[0] == (IMAGES, f"bytes={CUT}-")


# A mirror fails and then doesn't


def test_it_goes_on_where_it_broke_off(mirrors, home, packed):
    mirrors[0].faults = ["drops", "drops"]
    lines = get(home)
    assert whole(home, packed) and not lines.warned
    assert [wanted for name, wanted in mirrors[0].asked if name == IMAGES] == [
        None,
        f"bytes={CUT}-",
        f"bytes={2 * CUT}-",
    ]


def test_a_server_that_hangs_midway_is_asked_again(mirrors, home, packed, monkeypatch):
    monkeypatch.setattr(download, "TIMEOUT", 1)
    mirrors[0].faults = ["hangs_midway"]
    lines = get(home)
    assert whole(home, packed) and not lines.warned and mirrors[0].asked[1] == (IMAGES, f"bytes={CUT}-")


def test_a_server_without_ranges_begins_at_the_beginning(mirrors, home, packed):
    mirrors[0].faults, mirrors[0].ranges = ["drops"], False
    lines = get(home)
    assert whole(home, packed) and not lines.warned
    assert mirrors[0].asked[1] == (IMAGES, f"bytes={CUT}-")
    mine = [done for name, done in lines.done if name == IMAGES]
    assert CUT in mine and min(mine[mine.index(CUT) :]) < CUT


def test_a_server_that_knows_no_such_range_is_asked_for_all(mirrors, home, packed):
    mirrors[0].faults = ["drops", "not_satisfiable"]
    lines = get(home)
    assert whole(home, packed) and not lines.warned
    assert [wanted for name, wanted in mirrors[0].asked[:3]] == [None, f"bytes={CUT}-", None]


def test_a_server_that_gives_no_length(mirrors, home, packed):
    mirrors[0].faults = ["chunked"]
    assert not get(home).warned and whole(home, packed)


def test_a_server_that_always_drops_is_given_up(mirrors, home, packed, monkeypatch):
    monkeypatch.setattr(download, "TRIES", 2)
    mirrors[0].faults = ["drops"] * 9
    (warning,) = get(home).warned
    assert f"broke off after {2 * CUT:,} of" in warning and whole(home, packed)
    assert len(mirrors[0].asked) == 2 and mirrors[1].asked[0] == (IMAGES, f"bytes={2 * CUT}-")


# Parts left by an earlier run


@pytest.mark.parametrize("size", [1, CUT, -1])
def test_a_part_is_continued(size, mirrors, home, packed):
    (home / "mnist").mkdir(parents=True)
    part(home).write_bytes(packed[IMAGES][:size])
    get(home)
    assert whole(home, packed)
    assert mirrors[0].asked[0] == (IMAGES, f"bytes={len(packed[IMAGES][:size])}-")


def test_a_part_that_is_whole_needs_no_request(mirrors, home, packed):
    (home / "mnist").mkdir(parents=True)
    part(home).write_bytes(packed[IMAGES])
    get(home)
    assert whole(home, packed) and len(mirrors[0].asked) == 3


WRONG_PARTS = {
    "of another file": lambda right: bytes(CUT),
    "as long as the file": lambda right: bytes(len(right)),
    "longer than the file": lambda right: right + b"x",
}


@pytest.mark.parametrize("name", WRONG_PARTS)
def test_a_part_that_is_wrong_is_thrown_away(name, mirrors, home, packed):
    (home / "mnist").mkdir(parents=True)
    part(home).write_bytes(WRONG_PARTS[name](packed[IMAGES]))
    assert not get(home).warned and whole(home, packed)
    assert mirrors[0].asked[-4] == (IMAGES, None)


def test_ctrl_c_leaves_the_part_for_the_next_time(mirrors, home, packed):
    with pytest.raises(KeyboardInterrupt):
        get(home, stop=CUT)
    left = part(home).read_bytes()
    assert len(left) >= CUT and packed[IMAGES].startswith(left) and not (home / "mnist" / IMAGES).exists()
    get(home)
    assert whole(home, packed) and mirrors[0].asked[1] == (IMAGES, f"bytes={len(left)}-")


# Nothing helps


def test_when_no_mirror_helps_it_says_what_to_do(mirrors, home):
    mirrors[0].faults, mirrors[1].files = ["drops", "no_answer"], {}
    lines = Lines()
    with pytest.raises(DataError) as error:
        download.get(SETS["mnist"], [home], None, lines.watch)
    assert lines.warned[0].startswith(f"{mirrors[0].url}{IMAGES} can't be reached")
    assert lines.warned[1] == f"{mirrors[1].url}{IMAGES} answers 404 Not Found"
    assert f"{IMAGES} of MNIST can't be downloaded; copy its files to {home / 'mnist'} by hand" in str(error.value)
    assert "\n" not in str(error.value) and "--from" in str(error.value)
    assert part(home).stat().st_size == CUT  # for the next time


def test_garbage_from_all_mirrors_is_never_used(mirrors, home):
    for mirror in mirrors:
        mirror.faults = ["garbage"]
    with pytest.raises(DataError, match="can't be downloaded"):
        get(home)
    assert [path.name for path in (home / "mnist").iterdir()] == [".lock"]


def test_without_a_network(mirrors, home):
    for mirror in mirrors:
        mirror.shutdown()
        mirror.server_close()
    lines = Lines()
    with pytest.raises(DataError):
        download.get(SETS["mnist"], [home], None, lines.watch)
    assert len(lines.warned) == 2 and all("can't be reached (Connection refused)" in line for line in lines.warned)


def test_a_folder_that_can_not_be_written(mirrors, tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(MachineError, match=r"file.* can't be written \(Not a directory\); set DLGRADE_DATA") as error:
        get(tmp_path / "file")
    assert "\n" not in str(error.value) and not mirrors[0].asked


def test_a_full_disk_is_not_the_mirrors_fault(mirrors, home, monkeypatch):
    def full(part, *args):
        raise OSError(28, "No space left on device", str(part))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(MachineError, match=rf"{IMAGES}\.part can't be written \(No space left on device\)"):
        get(home)
    assert len(mirrors[0].asked) == 1 and not mirrors[1].asked


# From a folder

LAYOUTS = ["mnist", "MNIST/raw", "."]


@pytest.mark.parametrize("form", ["packed", "raw"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_files_are_copied_from_a_folder(layout, form, mirrors, home, packed, little, tmp_path):
    source = tmp_path / "usb" / layout
    source.mkdir(parents=True)
    for name, content in (packed if form == "packed" else little).items():
        (source / name).write_bytes(content)
    lines = get(home, str(tmp_path / "usb"))
    assert all("copied from" in line for line in lines.said) and not mirrors[0].asked
    images, labels = find.load("mnist", "full", [home])
    assert images.tobytes()[:784] == little[IMAGES[:-3]][16:800] and len(labels) == 60
    assert {path.name for path in (home / "mnist").iterdir()} == {".lock", *packed}


def test_a_damaged_file_is_not_copied(home, packed, tmp_path):
    for name, content in packed.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / IMAGES).write_bytes(packed[IMAGES][:-1])
    with pytest.raises(DataError, match=rf"{IMAGES} is cut off; give another source"):
        get(home, str(tmp_path))
    assert [path.name for path in (home / "mnist").iterdir()] == [".lock"]


def test_wrong_sources_are_told(home, little, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=rf"empty has no {IMAGES}; give a folder"):
        get(home, str(tmp_path / "empty"))
    for source in (str(tmp_path / "missing"), "ftp://example.org/", f"file://{tmp_path}"):
        with pytest.raises(UsageError, match="no folder and no address"):
            get(tmp_path / "untouched", source)
    assert not (tmp_path / "untouched").exists()


# Several at once


def test_a_second_one_waits_and_finds_all_there(mirrors, home, packed):
    mirrors[0].faults = ["waits"]
    waits = threading.Event()

    def second():
        lines = Lines()
        download.get(SETS["mnist"], [home], None, lines.watch._replace(say=lambda line: said(lines, line)))
        results.append(lines)

    def said(lines, line):
        lines.said.append(line)
        waits.set()

    results = []
    download_first = threading.Thread(target=get, args=(home,))
    download_first.start()
    assert mirrors[0].waiting.wait(10)
    other = threading.Thread(target=second)
    other.start()
    assert waits.wait(10)
    mirrors[0].released.set()
    download_first.join(20)
    other.join(20)
    (lines,) = results
    assert lines.said[0] == f"another process is writing to {home / 'mnist'}; waiting for it"
    assert sum("is here already" in line for line in lines.said) == 4
    assert len(mirrors[0].asked) == 4 and whole(home, packed)


PROCESS = """
import sys
from grader.data.sets import SETS, DataSet, File
from grader.data import download
from grader.cli.data import data
SETS["mnist"] = {mnist!r}
download.BLOCK = 4000
data.main(["get", "mnist"], standalone_mode=False)
"""


def start(home, **how):
    code = PROCESS.format(mnist=SETS["mnist"])
    env = {**os.environ, "DLGRADE_DATA": str(home), "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "100"}
    return subprocess.Popen([sys.executable, "-c", code], env=env, cwd=ROOT, **how)


def test_a_killed_process_leaves_no_lock_and_a_part(mirrors, home, packed):
    mirrors[0].faults = ["hangs_midway"]
    with start(home, stdout=subprocess.DEVNULL) as process:
        assert mirrors[0].waiting.wait(30)
        while not part(home).exists() or not part(home).stat().st_size:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    left = part(home).stat().st_size
    lines = get(home)
    assert whole(home, packed) and not lines.warned and not any("another process" in line for line in lines.said)
    assert mirrors[0].asked[1] == (IMAGES, f"bytes={left}-")


# What is shown


def test_get_in_a_pipe_prints_plain_lines(mirrors, home, packed):
    mirrors[0].faults = ["unavailable"]
    with start(home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0 and whole(home, packed)
    assert len(out.splitlines()) == 5 and "\x1b" not in out + err
    assert out.splitlines()[-1].startswith("MNIST is complete. Licence: Creative Commons")
    assert err == f"{mirrors[0].url}{IMAGES} answers 503 \\x1b[2Jbusy\n"


def test_get_on_a_terminal_shows_a_bar(mirrors, home, packed):
    mirrors[0].faults = ["waits"]
    ours, theirs = pty.openpty()
    with start(home, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        assert mirrors[0].waiting.wait(30)
        mirrors[0].released.set()
        shown = b""
        while block := read(ours):
            shown += block
    os.close(ours)
    text = shown.decode()
    assert process.returncode == 0 and whole(home, packed)
    assert "\x1b[?25l" in text and "\x1b[?25h" in text  # the cursor is hidden, and shown again
    assert "kB" in text and f"{IMAGES[:-3]}: " in text and "MNIST is complete" in text


def read(terminal):
    try:
        return os.read(terminal, 10_000)
    except OSError:  # the other end is closed
        return b""


def test_get_through_the_command(mirrors, own_state, packed, capsys):
    assert command.main(["get", "mnist"], standalone_mode=False) is None
    assert whole(own_state / "data", packed)
    assert "MNIST is complete" in capsys.readouterr().out

"""Images to train on: reading IDX files, finding and checking the files of data sets, and digits drawn here."""

import gzip
import subprocess
import sys
import tracemalloc
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from grader.cli.data import data as command
from grader.data import find, idx
from grader.data.sets import SETS
from grader.data.synthetic import digits
from grader.errors import DataError

ROOT = Path(__file__).parents[1]
PACKED = "t10k-labels-idx1-ubyte.gz"
RAW = "t10k-labels-idx1-ubyte"


def one_line(error, *words):
    text = str(error.value)
    assert "\n" not in text
    for word in words:
        assert word in text
    return text


# IDX


def test_an_idx_file_is_read_in_the_order_of_its_bytes():
    raw = bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3]) + bytes([1, 2, 3, 4, 5, 255])
    assert idx.read(raw, "x", 3).tolist() == [[[1, 2, 3]], [[4, 5, 255]]]
    assert idx.read(raw, "x", 3).dtype == np.uint8
    assert idx.read(bytes([0, 0, 8, 1, 0, 0, 1, 2]) + bytes(258), "x", 1).shape == (258,)
    assert idx.read(bytes([0, 0, 8, 1, 0, 0, 0, 0]), "x", 1).shape == (0,)


BAD_IDX = {
    "empty": (b"", "begins with nothing instead of 00000801"),
    "other dimensions": (bytes([0, 0, 8, 3, 0, 0, 0, 1, 7]), "begins with 00000803"),
    "floats": (bytes([0, 0, 13, 1, 0, 0, 0, 1, 7, 7, 7, 7]), "begins with 00000d01"),
    "still packed": (gzip.compress(b"x"), "begins with 1f8b"),
    "half a head": (bytes([0, 0, 8, 1, 0, 0]), "breaks off in its head, after 6 of 8 bytes"),
    "cut off": (bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 7]), "cut off: 2 bytes for 3 values"),
    "too long": (bytes([0, 0, 8, 1, 0, 0, 0, 1, 7, 7]), "too long: 2 bytes for 1 values"),
    "huge": (bytes([0, 0, 8, 1, 255, 255, 255, 255, 7]), "cut off: 1 bytes for 4294967295 values"),
}


@pytest.mark.parametrize("name", BAD_IDX)
def test_a_bad_idx_file_is_told_in_one_line(name):
    raw, fact = BAD_IDX[name]
    with pytest.raises(DataError) as error:
        idx.read(raw, "labels.bin", 1)
    one_line(error, "labels.bin", fact, "replace this file")


# The sets


@pytest.mark.parametrize("name", SETS)
def test_the_descriptions_agree_with_themselves(name):
    data = SETS[name]
    assert data.name == name and all(mirror.startswith("http") and mirror.endswith("/") for mirror in data.mirrors)
    sizes = {"train-images": 60_000 * 784 + 16, "train-labels": 60_008, "t10k-images": 7_840_016, "t10k-labels": 10_008}
    assert {file.name.rsplit("-", 2)[0]: file.size for file in data.files} == sizes
    hashes = {digest for file in data.files for digest in (file.sha256, file.packed_sha256)}
    assert len(hashes) == 8 and all(len(digest) == 64 and set(digest) <= set("0123456789abcdef") for digest in hashes)


def test_small_profiles_need_the_test_files_alone():
    for profile, names in {"tiny": ["t10k"] * 2, "quick": ["t10k"] * 2, "full": ["train"] * 2 + ["t10k"] * 2}.items():
        assert [file.name.split("-")[0] for file in SETS["mnist"].needed(profile)] == names


# Where files are


def test_homes_are_the_folder_that_was_set_and_no_other(monkeypatch, tmp_path):
    monkeypatch.setenv("DLGRADE_DATA", str(tmp_path / "mine"))
    assert find.homes(tmp_path) == [tmp_path / "mine"]


def test_homes_without_one(monkeypatch, tmp_path):
    monkeypatch.delenv("DLGRADE_DATA")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    assert find.homes(tmp_path / "s") == [tmp_path / "s/data", tmp_path / "data", tmp_path / "home/data", tmp_path]


def put(folder, contents, packed=True):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / (f"{name}.gz" if packed else name)).write_bytes(gzip.compress(content) if packed else content)


LAYOUTS = {  # of two homes; and whether both sets may lie so
    "first/{name}": True,
    "first/{torchvision}/raw": True,
    "first": False,
    "second/{name}": True,
    "second/{torchvision}/raw": True,
}


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_found(layout, packed, little, tmp_path):
    homes = [tmp_path / "first", tmp_path / "second"]
    mnist = SETS["mnist"]
    put(tmp_path / layout.format(name=mnist.name, torchvision=mnist.torchvision), little, packed)
    assert find.present("mnist", "full", homes)
    assert not find.present("fashion-mnist", "full", homes)
    images, labels = find.load("mnist", "full", homes)
    assert images.shape == (60, 28, 28) and images.dtype == np.uint8
    assert labels.shape == (60,) and labels.dtype == np.int64
    train, t10k = (little[f"{part}-labels-idx1-ubyte"][8:] for part in ("train", "t10k"))
    assert labels.tolist() == [*train, *t10k]
    assert images.tobytes() == little["train-images-idx3-ubyte"][16:] + little["t10k-images-idx3-ubyte"][16:]


def test_files_right_in_a_folder_are_taken_for_mnist_alone(little, tmp_path):
    assert tmp_path in find.folders(SETS["mnist"], [tmp_path])
    assert tmp_path not in find.folders(SETS["fashion-mnist"], [tmp_path])
    assert tmp_path / "b" not in find.folders(SETS["mnist"], [tmp_path / "a", tmp_path / "b"])


def test_downloads_go_to_the_place_that_is_looked_at_first(little, tmp_path):
    for data in SETS.values():
        assert find.folders(data, [tmp_path, tmp_path / "b"])[0] == tmp_path / data.name


def test_small_profiles_read_nothing_else(little, tmp_path):
    put(tmp_path / "mnist", {name: content for name, content in little.items() if name.startswith("t10k")})
    images, labels = find.load("mnist", "quick", [tmp_path])
    assert images.tobytes() == little["t10k-images-idx3-ubyte"][16:]
    assert labels.tolist() == list(little["t10k-labels-idx1-ubyte"][8:])
    with pytest.raises(DataError) as error:
        find.load("mnist", "full", [tmp_path])
    one_line(error, "train-images-idx3-ubyte of MNIST is missing", "`dlgrade data get mnist`")


@pytest.mark.parametrize("packed", [True, False])
def test_real_files_are_what_the_descriptions_say(real_data, packed, tmp_path):
    homes = find.homes(tmp_path)
    if not packed:
        homes = [tmp_path]
        for file in SETS["mnist"].files:
            found = find.locate(file, find.folders(SETS["mnist"], find.homes(tmp_path)))
            put(
                tmp_path / "MNIST" / "raw", {file.name: find.unpacked(find.raw(found, file), found, file)}, packed=False
            )
    images, labels = find.load("mnist", "full", homes)
    assert images.shape == (70_000, 28, 28)
    assert np.bincount(labels[:60_000]).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(labels[60_000:]).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert images[:60_000].mean() / 255 == pytest.approx(0.1307, abs=5e-5)


def test_the_real_fashion_mnist(real_data, tmp_path):
    if not find.present("fashion-mnist", "full", find.homes(tmp_path)):
        pytest.skip(f"no Fashion-MNIST in {real_data}")
    images, labels = find.load("fashion-mnist", "full", find.homes(tmp_path))
    assert np.bincount(labels).tolist() == [7000] * 10
    assert images[:60_000].mean() / 255 == pytest.approx(0.2860, abs=5e-5)


# Damaged files


def flipped(content):
    return content[:-1] + bytes([content[-1] ^ 1])


DAMAGED = {  # file name; its bytes, made from the right content; what is said
    "packed, empty": (PACKED, lambda content: b"", "is cut off"),
    "packed, cut off": (PACKED, lambda content: gzip.compress(content)[:-5], "is cut off"),
    "packed, no gzip": (PACKED, lambda content: content, "can't be unpacked"),
    "packed, a bit flipped": (PACKED, lambda content: flipped(gzip.compress(content)), "can't be unpacked"),
    "packed, other content": (PACKED, lambda content: gzip.compress(flipped(content)), "its SHA-256 is wrong"),
    "packed, too little": (
        PACKED,
        lambda content: gzip.compress(content[:-1]),
        "has 37 bytes of content instead of 38",
    ),
    "packed, too much": (PACKED, lambda content: gzip.compress(content + b"x"), "unpacks to more than its 38 bytes"),
    "packed, very long": (PACKED, lambda content: bytes(5000), "is too long"),
    "raw, cut off": (RAW, lambda content: content[:-1], "has 37 bytes of content instead of 38"),
    "raw, too long": (RAW, lambda content: content + b"x", "has 39 bytes of content instead of 38"),
    "raw, a bit flipped": (RAW, flipped, "its SHA-256 is wrong"),
    "a web page": (PACKED, lambda content: b"<html>Please log in</html>", "can't be unpacked"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_told_and_never_used(name, little, tmp_path):
    file, damaged, fact = DAMAGED[name]
    first, second = tmp_path / "first", tmp_path / "second"
    put(first / "mnist", {name: content for name, content in little.items() if name != RAW})
    put(second / "mnist", little)  # good copies further down are no reason to be silent
    (first / "mnist" / file).write_bytes(damaged(little[RAW]))
    assert find.present("mnist", "quick", [first, second])
    with pytest.raises(DataError) as error:
        find.load("mnist", "quick", [first, second])
    one_line(error, str(first / "mnist" / file), fact, "run `dlgrade data get mnist`")
    states = {state.file.name: state for state in find.states(SETS["mnist"], [first, second])}
    assert fact in states[RAW].damage and not states[RAW].good
    assert all(state.good for name, state in states.items() if name != RAW)


def test_the_file_of_another_set_is_called_so(little, tmp_path):
    put(tmp_path / "fashion-mnist", little)
    with pytest.raises(DataError) as error:
        find.load("fashion-mnist", "quick", [tmp_path])
    one_line(error, "is t10k-images-idx3-ubyte of MNIST", "`dlgrade data get fashion-mnist`")


def test_one_damaged_file_among_missing_ones_is_told(little, tmp_path):
    put(tmp_path / "mnist", {"t10k-images-idx3-ubyte": b"nonsense"})
    assert find.present("mnist", "quick", [tmp_path]) and not find.present("fashion-mnist", "quick", [tmp_path])
    with pytest.raises(DataError, match=r"t10k-images-idx3-ubyte\.gz has 8 bytes"):
        find.load("mnist", "quick", [tmp_path])


def test_a_bomb_is_not_unpacked(little, tmp_path):
    file = SETS["mnist"].files[0]
    path = tmp_path / file.packed
    path.write_bytes(gzip.compress(bytes(20_000_000)))
    assert path.stat().st_size < file.size + 1000  # so that its length alone doesn't give it away
    tracemalloc.start()
    with pytest.raises(find.Damage, match="unpacks to more than"):
        find.unpacked(find.raw(path, file), path, file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_what_can_not_be_read_is_told(little, monkeypatch, tmp_path):
    put(tmp_path / "mnist", little)

    def refuse(path, mode):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DataError, match=r"can't be read \(Permission denied\); run"):
        find.load("mnist", "quick", [tmp_path])


# The command


def show(capsys, *args):
    code = command.main(list(args), standalone_mode=False)
    return code, capsys.readouterr().out


def test_data_shows_that_nothing_is_there(little, own_state, capsys):
    code, text = show(capsys)
    assert code == 0
    assert text.count("not here; `dlgrade data get ") == 2
    assert f"Looked in: {own_state / 'data'}" in text and f"Downloads go to {own_state / 'data'};" in text
    assert "synthetic digits: drawn on this machine, not MNIST" in text
    assert "Creative Commons Attribution-ShareAlike 3.0" in text and "Zalando SE" in text


def test_data_shows_what_is_there(little, own_state, capsys):
    put(own_state / "data/mnist", little)
    code, text = show(capsys)
    assert code == 0
    assert "MNIST: here and verified" in text and text.count("not here") == 1
    assert f"{own_state / 'data/mnist' / PACKED} is verified" in text


def test_data_shows_what_part_is_there(little, own_state, capsys):
    put(own_state / "data/mnist", {name: content for name, content in little.items() if name.startswith("t10k")})
    code, text = show(capsys)
    assert code == 0
    assert "incomplete; enough for the profiles tiny and quick; `dlgrade data get mnist` downloads" in text
    assert "train-images-idx3-ubyte.gz is missing" in text


def test_data_shows_damage_and_says_so_by_its_exit_code(little, own_state, capsys):
    put(own_state / "data/mnist", little)
    (own_state / "data/mnist" / PACKED).write_bytes(b"nonsense")
    code, text = show(capsys)
    assert code == 3
    assert "MNIST: damaged; `dlgrade data get mnist` downloads" in text
    assert f"{own_state / 'data/mnist' / PACKED} is damaged: it can't be unpacked" in text


def test_nothing_heavy_is_loaded_to_look():
    modules = "sys, grader.data.find, grader.data.download, grader.cli.data"
    code = f"import {modules}; print([name for name in ('numpy', 'rich', 'pydantic') if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


# Synthetic digits


def test_digits_are_images_with_labels():
    images, labels = digits(515, np.random.default_rng(0))
    assert images.shape == (515, 28, 28) and images.dtype == np.uint8
    assert labels.shape == (515,) and labels.dtype == np.int64
    assert sorted(np.bincount(labels, minlength=10)) == [51] * 5 + [52] * 5
    assert (np.diff(labels) != 0).mean() > 0.8  # in random order


def test_the_generator_decides_on_everything():
    images, labels = digits(300, np.random.default_rng(7))
    again = digits(300, np.random.default_rng(7))
    other = digits(300, np.random.default_rng(8))
    assert np.array_equal(images, again[0]) and np.array_equal(labels, again[1])
    assert not np.array_equal(images, other[0]) and not np.array_equal(labels, other[1])
    np.random.seed(0)
    assert np.array_equal(digits(300, np.random.default_rng(7))[0], images)


def test_any_number_of_digits():
    for count in (0, 1, 256, 257):
        images, labels = digits(count, np.random.default_rng(0))
        assert len(images) == len(labels) == count


def test_digits_look_like_mnist():
    images, _ = digits(1000, np.random.default_rng(1))
    assert images.mean() / 255 == pytest.approx(0.1307, abs=0.02)
    assert images.std() / 255 == pytest.approx(0.3081, abs=0.02)
    assert 0.75 < (images == 0).mean() < 0.87
    assert (images.max(axis=(1, 2)) > 200).all()
    rows, columns = images.sum(axis=2), images.sum(axis=1)
    middle = np.arange(28) - 13.5
    for profile in (rows, columns):
        assert np.abs((profile * middle).sum(axis=1) / profile.sum(axis=1)).mean() < 2
    border = np.concatenate([images[:, [0, -1]].ravel(), images[:, :, [0, -1]].ravel()])
    assert (border > 0).mean() < 0.02


def test_no_two_digits_are_the_same():
    images, _ = digits(1000, np.random.default_rng(2))
    assert len(np.unique(images.reshape(1000, -1), axis=0)) == 1000


def softmax(scores):
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return scores / scores.sum(axis=1, keepdims=True)


def trained(X, y, hidden, epochs, rate):
    """A classifier of rows: linear, or with one hidden layer; trained by SGD with momentum and a falling rate."""
    rng = np.random.default_rng(0)
    sizes = [X.shape[1], *hidden, 10]
    weights = [rng.normal(0, np.sqrt(2 / a), (a, b)).astype(np.float32) for a, b in pairwise(sizes)]
    speeds = [np.zeros_like(weight) for weight in weights]
    targets = np.eye(10, dtype=np.float32)[y]
    steps = epochs * (len(X) // 50)
    for step in range(steps):
        batch = rng.integers(0, len(X), 50)
        layers = [X[batch]]
        for weight in weights[:-1]:
            layers.append(np.maximum(layers[-1] @ weight, 0))
        error = (softmax(layers[-1] @ weights[-1]) - targets[batch]) / 50
        for layer, weight, speed in zip(layers[::-1], weights[::-1], speeds[::-1], strict=True):
            gradient, error = layer.T @ error, (error @ weight.T) * (layer > 0)
            speed *= 0.9
            speed -= rate * (1 - step / steps) * gradient
            weight += speed

    def predict(rows):
        for weight in weights[:-1]:
            rows = np.maximum(rows @ weight, 0)
        return (rows @ weights[-1]).argmax(axis=1)

    return predict


def test_harder_than_nearest_means_and_linear_models_can_do():
    images, labels = digits(5000, np.random.default_rng(3))
    rows = images.reshape(len(images), -1).astype(np.float32) / 255
    X, y, X_test, y_test = rows[:4000], labels[:4000], rows[4000:], labels[4000:]
    means = np.stack([X[y == digit].mean(axis=0) for digit in range(10)])
    nearest = ((X_test @ means.T - 0.5 * (means**2).sum(axis=1)).argmax(axis=1) == y_test).mean()
    linear = (trained(X, y, [], 15, 0.02)(X_test) == y_test).mean()
    network = (trained(X, y, [64], 15, 0.05)(X_test) == y_test).mean()
    assert 0.6 < nearest < 0.8
    assert nearest + 0.04 < linear < 0.9
    assert linear + 0.03 < network < 0.98

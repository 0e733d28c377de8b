"""Trainings, on the smallest exercise that has one: judged as on the command line, or in this process."""

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from grader import engine, grading, kit, records, training, warm, wire
from grader.answer_key import AnswerKey
from grader.dev.mutate import survey
from grader.dev.rehearsal import rehearse
from grader.errors import KitError, MachineError
from grader.lessons import lesson
from grader.listening import Curve
from grader.models import Report, document, read_report
from grader.outcome import TimedOut
from grader.run import Enough, cpu_seconds
from grader.spawned import Spawner
from grader.spec import Split, deal
from grader.split import deal_out
from grader.store import Run, Store
from grader.submission import Submission
from grader.training import Ran, Wanted
from grader.wire import WireError
from tests import toy
from tests.test_cli import ROOT, dlgrade
from tests.test_quiz_cli import read_until

KIT = Path(__file__).parent / "training_kit"
ENTRY = kit.find(KIT, "1")
SOLUTION = ENTRY.solution.read_text("utf-8")
REPORT = "    report(2, 2, 1.0, (predict(means, images[:100]) == labels[:100]).mean())\n"
MEANS = "    means = np.stack([rows[labels == c].mean(axis=0) for c in range(10)])\n"
PREDICT = "    return (rows @ params.T - (params**2).sum(axis=1) / 2).argmax(axis=1)\n"
WANTED = {
    "profile": "tiny", "data": "synthetic", "device": "cpu", "device_name": None, "split": None, "homes": [],
}  # fmt: skip


def judge(source=SOLUTION, told=None, **wanted):
    """The whole answer for a submission, whose progress goes into `told`."""
    hear = (lambda progress: None) if told is None else told.append
    return engine.judge(ENTRY, source.encode(), "attempt.py", 0, WANTED | wanted, hear)


def check(source, **wanted) -> Report:
    """The report of a submission that is judged in this process, whose limits a test may change."""
    submission, launcher = Submission(source.encode(), "attempt.py"), Spawner(ENTRY.libraries())
    found = grading.check(AnswerKey(ENTRY, 0), submission, launcher, Wanted(**WANTED | wanted), lambda progress: None)
    return read_report(json.dumps(document(found.report)))


def edited(*edits):
    return toy.edited(*edits, source=SOLUTION)


def ending(answer):
    """The case of running to the end."""
    return next(case for case in answer["report"]["cases"] if case["part"] == "train")


# Judging


def test_the_solution_passes_and_the_report_says_how():
    told = []
    report = judge(told=told)["report"]
    assert report["verdict"] == "passed" and report["score"] == 1
    assert [part["name"] for part in report["parts"]] == ["double", "train"]
    found = report["training"]
    assert (found["label"], found["profile"], found["images"]) == ("synthetic digits, not MNIST", "tiny", 2000)
    assert found["yours"]["measures"] == found["reference"]["measures"]
    assert found["yours"]["measures"]["answer"] == 40 and found["yours"]["measures"]["questions"] == 1
    assert [point["done"] for point in found["yours"]["curve"]] == [1, 2]
    assert found["yours"]["curve"][0]["accuracy"] is None and 0.5 < found["yours"]["curve"][1]["accuracy"] <= 1
    assert [(one["who"], one.get("done")) for one in told] == [
        ("reference", None), ("reference", 1), ("reference", 2), ("yours", None), ("yours", 1), ("yours", 2),
    ]  # fmt: skip
    assert told[-1]["allowed"] == found["allowed"] and told[1]["allowed"] is None
    assert read_report(json.dumps(report)).training.split == found["split"]


def test_a_bar_without_a_value_for_the_data_is_not_applied():
    names = [case["name"] for case in judge()["report"]["cases"]]
    assert "the server's answer" in names and "only with MNIST" not in names


def test_the_same_split_gives_the_same_and_another_one_does_not():
    one, same, other = (judge(split=split)["report"]["training"]["yours"]["measures"] for split in (5, 5, 6))
    assert one == same != other


def test_without_a_split_it_is_drawn_anew():
    assert judge()["report"]["training"]["split"] != judge()["report"]["training"]["split"]


@pytest.mark.skipif(not warm.forks(), reason="the other road is the only one here")
def test_without_forking_it_is_the_same(monkeypatch):
    forked = judge(split=3)["report"]
    monkeypatch.setenv("DLGRADE_SPAWN", "1")
    spawned = judge(split=3)["report"]
    assert spawned["cases"] == forked["cases"]
    assert spawned["training"]["yours"]["measures"] == forked["training"]["yours"]["measures"]


def test_nothing_is_trained_until_the_other_parts_are_right():
    answer = judge(edited(("    return 2 * x\n", "    return x * x\n")))
    report = answer["report"]
    assert report["training"] is None and report["diagnosis"]["misconception"] == "squares"
    assert ending(answer)["verdict"] == "missing" and "first all other parts" in ending(answer)["message"]
    assert len(answer["details"]) == len(report["cases"])


def test_without_training_nothing_passes():
    report = engine.judge(ENTRY, SOLUTION.encode(), "attempt.py", 0)["report"]
    assert report["verdict"] == "failed" and report["parts"][0] == {"name": "double", "passed": 2, "cases": 2}
    assert report["parts"][1]["passed"] == 0


@pytest.mark.parametrize(
    ("edit", "verdict", "words"),
    [
        (("def train(", "def train_it("), "missing", "your file doesn't define `train`"),
        ((MEANS, "    raise NotImplementedError\n"), "raised", "not written yet"),
        ((MEANS, "    raise KeyError('sevens')\n"), "raised", "KeyError: 'sevens'"),
        ((MEANS, "    import os\n    os._exit(3)\n"), "killed", "ended the process (exit status 3)"),
        (("report(1, 2, 2.0)", "report(1, 2, float('nan'))"), "killed", "the training diverges: its loss is nan"),
        (("report(1, 2, 2.0)", "report(1, 2, 2.0); report(1.5, 2, 300.0)"), "killed", "its loss is 300"),
        (("report(1, 2, 2.0)", "[report(1, 2, 2.0) for _ in range(30000)]"), "killed", "more than 20000 times"),
        (("report(1, 2, 2.0)", "report(float('inf'), 2, 2.0)"), "killed", "how far the training is"),
        (("report(1, 2, 2.0)", "report(1, 2)"), "raised", "missing 1 required positional argument: 'loss'"),
    ],
)
def test_a_training_without_an_answer(edit, verdict, words):
    answer = judge(edited(edit))
    case, report = ending(answer), answer["report"]
    assert report["verdict"] == "failed" and case["verdict"] == verdict and words in case["message"]
    bars = [case for case in report["cases"] if case["part"] == "train"][1:]
    assert bars and all(bar["verdict"] == "missing" for bar in bars)
    if verdict != "missing":
        assert report["training"]["yours"] is None


def test_what_was_reported_before_a_training_broke_off_is_told():
    found = judge(edited((MEANS, "    raise KeyError\n")))["report"]["training"]
    assert [point["done"] for point in found["reached"]] == [1] and found["yours"] is None


@pytest.mark.parametrize(
    ("prediction", "words"),
    [
        ("np.zeros(len(images), dtype=np.int64)", "every image is said to be class 0"),
        ("np.arange(len(images)) % 10", "that is like guessing"),
        ("np.zeros(3, dtype=np.int64)", "of shape (3,), not (1000,)"),
        ("np.full(len(images), 10)", "classes from 10 to 10, not 0 to 9"),
        ("np.zeros(len(images))", "not an array of integers"),
        ("'seven'", "not an array of integers"),
    ],
)
def test_predictions_that_are_not_good_enough(prediction, words):
    report = judge(edited((PREDICT, f"    return {prediction}\n"), (REPORT, "")))["report"]
    assert report["verdict"] == "failed"
    case = next(case for case in report["cases"] if case["name"] == "accuracy on hidden images")
    assert case["verdict"] == "failed" and words in case["message"]


FORGE = """    import os
    for fd in range(3, 40):
        try:
            os.write(fd, b"DLG1" + bytes(12))
        except OSError:
            pass
"""


def test_a_submission_cannot_write_to_the_channel_in_the_place_of_the_driver():
    answer = judge(edited((MEANS, MEANS + FORGE)))
    assert answer["report"]["verdict"] == "failed" and "the grader's channel" in ending(answer)["message"]


def test_the_hidden_labels_are_not_among_what_a_submission_is_given():
    split = deal_out("synthetic", "tiny", *drawn(3000), 1)
    assert set(deal(split)) == {"images", "labels", "test_images"}
    spy = (
        "    import gc\n    seen = [a.shape for a in gc.get_objects() if isinstance(a, np.ndarray)]\n    print(seen)\n"
    )
    printed = judge(edited((MEANS, MEANS + spy)))["printed"]
    assert "(1000,)" not in printed


# Time


def test_too_slow_is_told_with_the_budget(monkeypatch):
    monkeypatch.setattr(training, "LEAST", 0.3)
    spin = "    import time\n    while time.process_time() < 1e9: pass\n"
    case = next(case for case in check(edited((MEANS, spin))).cases if case.part == "train")
    assert case.verdict == "timed_out" and "25 times what the solution took here" in case.message


def test_waiting_for_nothing_is_the_submission_s_own_fault(monkeypatch):
    monkeypatch.setattr(training, "WALL", 1.0)
    monkeypatch.setattr(training, "WALL_FACTOR", 0.1)
    case = next(c for c in check(edited((MEANS, "    import time\n    time.sleep(60)\n"))).cases if c.part == "train")
    assert case.verdict == "timed_out" and "is it waiting for something?" in case.message


def test_a_busy_machine_is_not(monkeypatch):
    trainer = object.__new__(training._Trainer)
    trainer._wanted = Wanted(**WANTED)
    stopped = Ran(TimedOut("stopped"), 5.0, 50.0, 60.0, None, None, b"", ())
    with pytest.raises(MachineError, match="too busy: the training got 5 s of CPU time in 60 s"):
        trainer._blame_the_machine(stopped, 20.0)
    trainer._blame_the_machine(stopped._replace(waited=1.0), 20.0)
    trainer._blame_the_machine(stopped._replace(cpu=20.0), 20.0)


BUSY_CHILD = """import os, time
os.setsid()
if os.fork() == 0:
    while time.process_time() < 0.5:
        pass
else:
    os.wait()
    print(flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the system doesn't tell")
def test_the_cpu_time_of_children_counts():
    with subprocess.Popen([sys.executable, "-c", BUSY_CHILD], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        assert cpu_seconds(process.pid) < 0.4 < cpu_seconds(process.pid, group=True)
        process.kill()


def test_a_solution_that_falls_short_judges_nobody(monkeypatch, tmp_path):
    spec = kit.load_spec(ENTRY)
    harder = spec.exercise.training._replace(
        bars=(spec.exercise.training.bars[0]._replace(least={"synthetic": {"tiny": 0.999}}),)
    )
    monkeypatch.setattr(spec, "exercise", spec.exercise._replace(training=harder))
    monkeypatch.setattr(kit, "load_spec", lambda entry: spec)
    with pytest.raises(KitError, match=r"the solution of 1 itself gets .* % in `accuracy on hidden images`"):
        check(SOLUTION)


# On a GPU: a process that is neither forked nor shut in. The road is tried here without one.


def test_on_a_gpu_the_worker_is_fresh_and_nothing_is_hidden_about_its_isolation():
    report = check(SOLUTION, device="cuda", device_name="a pretended one")
    assert report.verdict == "passed" and report.sandbox == ((), True)
    assert (report.training.device, report.training.device_name) == ("cuda", "a pretended one")


def test_a_device_that_is_not_there_is_told(tmp_path):
    done = dlgrade("check", "19", ROOT / "solutions" / "ex19_torch_cnn_mnist.py", "--device", "mps")
    assert done.returncode == 3 and "no device mps here" in done.stderr and "--device cpu" in done.stderr


@pytest.mark.gpu
def test_a_torch_exercise_trains_on_a_gpu():
    done = dlgrade(
        "check",
        "19",
        ROOT / "solutions" / "ex19_torch_cnn_mnist.py",
        "--device",
        "cuda",
        "--json",
        "--data",
        "synthetic",
    )
    report = json.loads(done.stdout)
    assert report["verdict"] == "passed" and report["training"]["yours"]["peak_memory"] > 0


# What a training says


def curve(server=None):
    told = []
    found = Curve("yours", told.append, server, 9.0, "cpu", lambda: 1.0)
    found.start()
    return found, told


def test_a_report_becomes_a_point_of_the_curve():
    found, told = curve()
    assert found.hear({"report": [1.0, 5.0, 0.5, None]}) is None
    assert found.points[0][:4] == (1.0, 5.0, 0.5, None) and found.points[0].cpu_seconds == 0.0
    assert told[-1]["loss"] == 0.5 and told[-1]["who"] == "yours"


@pytest.mark.parametrize(
    "said", [{}, {"report": None}, {"report": [1.0]}, {"report": ["1", 1.0, 1.0, 1.0]}, {"ask": 1}]
)
def test_anything_else_breaks_the_rules(said):
    with pytest.raises(WireError):
        curve()[0].hear(said)


def test_questions_are_answered_or_refused():
    spec = kit.load_spec(ENTRY)
    found, _ = curve(spec.Doubler(None))
    assert wire.parse(found.hear({"ask": 4}))["value"] == 8
    assert wire.parse(found.hear({"ask": 101}))["refused"] == "more than 100"


def test_a_high_loss_that_comes_down_is_no_divergence():
    found, _ = curve()
    for loss in (500.0, 900.0, 3.0):
        found.hear({"report": [1.0, 5.0, loss, None]})
    with pytest.raises(Enough, match="diverges"):
        found.hear({"report": [1.0, 5.0, float("inf"), None]})


# Dealing out, and what predictions look like


def drawn(count, seed=0):
    from grader.data.synthetic import digits

    return digits(count, np.random.default_rng(seed))


def test_every_image_is_dealt_out_once_and_classes_are_shared_alike():
    images, labels = drawn(3500)
    split = deal_out("synthetic", "tiny", images, labels, 7)
    assert (split.images.shape, split.test_images.shape) == ((2000, 28, 28), (1000, 28, 28))
    dealt = np.concatenate([split.images, split.test_images]).astype(int).reshape(3000, -1)
    nearest = np.array([np.abs(images.reshape(3500, -1) - one).max(axis=1).argmin() for one in dealt[::50]])
    assert len(set(nearest)) == len(nearest)
    shares = np.bincount(split.labels, minlength=10) / 2000 - np.bincount(split.test_labels, minlength=10) / 1000
    assert np.abs(shares).max() < 0.002
    again = deal_out("synthetic", "tiny", images, labels, 7)
    assert all(np.array_equal(a, b) for a, b in zip(split[2:], again[2:], strict=True))


def test_classes_are_renamed_one_to_one():
    images, labels = drawn(3000)
    split = deal_out("synthetic", "tiny", images, labels, 7)
    nearest = [
        np.abs(images.astype(int) - one).reshape(3000, -1).sum(axis=1).argmin() for one in split.test_images[:200]
    ]
    pairs = set(zip(labels[nearest].tolist(), split.test_labels[:200].tolist(), strict=True))
    assert len(pairs) == 10 and len({a for a, _ in pairs}) == len({b for _, b in pairs}) == 10
    assert any(a != b for a, b in pairs)


def test_images_change_by_a_few_grey_levels_and_only_where_they_are_grey():
    images, labels = drawn(3000)
    split = deal_out("synthetic", "tiny", images, labels, 7)
    one = split.test_images[0].astype(int)
    source = images[np.abs(images.astype(int) - one).reshape(3000, -1).sum(axis=1).argmin()].astype(int)
    grey = (source > 0) & (source < 255)
    assert np.abs(source - one).max() <= 2 and np.array_equal(source[~grey], one[~grey])
    assert (source != one)[grey].mean() > 0.5


@pytest.fixture(scope="module")
def split() -> Split:
    return deal_out("synthetic", "quick", *drawn(10_000), 3)


def test_lessons(split):
    rows, test = (images.reshape(len(images), -1) / 255 for images in (split.images, split.test_images))
    means = np.stack([rows[split.labels == c].mean(axis=0) for c in range(10)])
    nearest = (test @ means.T - (means**2).sum(axis=1) / 2).argmax(axis=1)
    assert "does your network learn at all?" in lesson(split, nearest)
    renamed = (split.test_labels + 1) % 10
    assert lesson(split, renamed).startswith("100.0% would be right if the classes were called differently")
    wrong = np.where(np.arange(2000) % 20 == 0, renamed, split.test_labels)
    assert "so the network learns" in lesson(split, wrong)
    worse = np.where(np.arange(2000) % 6 == 0, renamed, split.test_labels)
    assert "does the hidden part of your network learn?" in lesson(split, worse)
    assert lesson(split, np.full(2000, 4)).startswith("every image is said to be class 4")
    assert lesson(split, np.repeat([3, 7], [20, 1980])).startswith("nearly every image is said to be class 7")


# For authors


def copy(folder, part, edit):
    """A copy of the kit with one change in the stub, the solution or the spec."""
    shutil.copytree(KIT, folder / "kit", ignore=shutil.ignore_patterns("__pycache__"))
    entry = kit.find(folder / "kit", "1")
    toy.rewrite(getattr(entry, part), edit)
    return entry


def test_a_training_is_rehearsed():
    assert list(rehearse(ENTRY, kit.load_spec(ENTRY))) == []


@pytest.mark.parametrize(
    ("part", "edit", "words"),
    [
        ("spec", ('apart=("train", "predict")', 'apart=("trains",)'), "defines no `trains`"),
        ("spec", ('"tiny": 0.55, "quick": 0.55, "full": 0.55', '"tiny": 0.55'), "no bar of the training is for all"),
        ("spec", ('{"mnist": {"tiny": 0.7}}', '{"emnist": {"tiny": 0.7}}'), "is for emnist with tiny"),
        ("spec", ('"tiny": 0.55', '"tiny": 0.95'), "in `accuracy on hidden images`, where at least 95 % is due"),
        ("solution", ("    report(2, 2, 1.0,", "    report(1.5, 2, 1.0,"), "doesn't report its end"),
        (
            "solution",
            (".argmax(axis=1)", ".argmax(axis=1) + 5"),
            "the predictions for `hidden` are classes from 5 to 14",
        ),
    ],
)
def test_what_is_wrong_with_a_training_is_told(tmp_path, part, edit, words):
    entry = copy(tmp_path, part, edit)
    assert any(words in problem for problem in rehearse(entry, kit.load_spec(entry)))


def test_a_stub_that_trains_is_told(tmp_path):
    entry = copy(tmp_path, "stub", ("Return 2 x.", "Return twice x."))
    entry.stub.write_text(SOLUTION, "utf-8")
    assert any("the stub's `train` answers" in problem for problem in rehearse(entry, kit.load_spec(entry)))


def test_no_mutants_of_what_only_the_training_uses():
    found = survey(ENTRY)
    assert found.killed == found.total > 0


# On the command line


def command(*args, **env):
    return dlgrade("check", "1", ENTRY.solution, "--kit", KIT, "--data", "synthetic", "--profile", "tiny", *args, **env)


def test_the_report_for_people():
    done = command()
    assert done.returncode == 0 and "synthetic digits, not MNIST" in done.stdout and "--split" in done.stdout


def test_the_report_for_programs_holds_the_curves():
    done = command("--json")
    found = json.loads(done.stdout)["training"]
    assert len(found["yours"]["curve"]) == len(found["reference"]["curve"]) == 2 and not done.stderr


def test_a_picture_of_the_curve(tmp_path):
    assert command("--plot", tmp_path / "curve.svg").returncode == 0
    assert "<svg" in (tmp_path / "curve.svg").read_text("utf-8")
    done = command("--plot", tmp_path / "curve.docx")
    assert done.returncode == 2 and ".png" in done.stderr


def test_a_picture_of_nothing_is_a_remark(tmp_path):
    done = command("--plot", tmp_path / "curve.svg", "--no-training")
    assert done.returncode == 1 and "nothing was trained" in done.stderr and not (tmp_path / "curve.svg").exists()


def test_data_that_is_asked_for_and_missing_or_damaged_is_no_verdict(tmp_path):
    done = command("--data", "mnist", DLGRADE_DATA=str(tmp_path))
    assert done.returncode == 3 and "dlgrade data get mnist" in done.stderr and len(done.stderr.splitlines()) == 1
    (tmp_path / "t10k-images-idx3-ubyte.gz").write_bytes(b"no images")
    done = dlgrade("check", "1", ENTRY.solution, "--kit", KIT, DLGRADE_DATA=str(tmp_path))
    assert done.returncode == 3 and "damaged" in done.stderr and len(done.stderr.splitlines()) == 1


def test_ctrl_c_tells_what_was_learnt_and_leaves_nothing_behind(tmp_path):
    attempt = tmp_path / "attempt.py"
    attempt.write_text(edited((MEANS, "    import time\n    time.sleep(100)\n")), "utf-8")
    child, terminal = pty.fork()
    if child == 0:
        os.environ |= {"DLGRADE_STATE": str(tmp_path), "COLUMNS": "80", "PYTHONPATH": str(ROOT)}
        options = ["--kit", str(KIT), "--data", "synthetic", "--profile", "tiny"]
        os.execv(sys.executable, [sys.executable, "-m", "grader", "check", "1", str(attempt), *options])
    try:
        read_until(terminal, "yours  1 of 2")
        os.write(terminal, b"\x03")
        shown = read_until(terminal, "loss 2", 20)
        assert "stopped after" in shown and "Traceback" not in shown
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 130
    finally:
        os.close(terminal)


# Records


def report_of(accuracy, seconds, data="mnist", verdict="passed"):
    yours = {"measures": {"hidden": accuracy}, "cpu_seconds": seconds, "seconds": 2 * seconds}
    found = {"data": data, "profile": "full", "device": "cpu", "measure": "hidden", "yours": yours}
    return {"exercise": "18", "verdict": verdict, "training": found}


def test_only_real_data_counts():
    assert records.run_of(report_of(0.98, 2.0)) == Run("18", "mnist", "full", "cpu", True, 0.98, 2.0)
    assert records.run_of(report_of(0.98, 2.0, "synthetic")) is None
    assert records.run_of({"exercise": "17", "verdict": "passed", "training": None}) is None


def test_the_leaderboard(tmp_path):
    store = Store(KIT, tmp_path)
    for accuracy, seconds, verdict in ((0.981, 3.0, "passed"), (0.972, 1.0, "passed"), (0.99, 0.1, "failed")):
        store.add_run(records.run_of(report_of(accuracy, seconds, verdict=verdict)))
    assert list(records.lines(store.runs())) == ["     18  mnist, full, cpu: best 99.00%; 98 % in 3 s, 97 % in 1 s"]
    assert list(records.lines(Store(KIT, tmp_path / "other").runs())) == []


def test_progress_shows_it(tmp_path):
    store = Store(ROOT, tmp_path)
    store.add_run(records.run_of(report_of(0.981, 3.0)))
    assert "best 98.10%" in dlgrade("progress", DLGRADE_STATE=str(tmp_path)).stdout

"""Ranks are threads of one worker: their collectives meet in a rendezvous that notices when they can never meet."""

import itertools
import threading
import types

import numpy as np
import torch

from grader.spec import T32, T64L, Case, Equivalent, Exercise, Misconception, Part, Speed, Tolerance

# Drivers


def all_shares(student, n, world_size):
    return [student.shard(n=n, world_size=world_size, rank=rank) for rank in range(world_size)]


def averaged(student, local_grads, local_sizes):
    return student.allreduce_mean_grads(local_grads=local_grads, local_sizes=local_sizes)


def averaged_twice(student, local_grads, local_sizes):
    return [averaged(student, local_grads, local_sizes) for _ in range(2)]


def ring(student, buffers):
    return student.ring_all_reduce(buffers=buffers)


def ring_results_are_separate(student, buffers):
    """What the other ranks hold after rank 0's result has been overwritten."""
    sums = student.ring_all_reduce(buffers=buffers)[0]
    sums[0][...] = -1.0
    return list(sums[1:])


def long_ring(student, ranks, n, seed):
    buffers = list(np.random.default_rng(seed).normal(size=(ranks, n)))
    sums, sent = student.ring_all_reduce(buffers=buffers)
    return {"sums, every 997th": [total[::997] for total in sums], "sent": sent}


def train(student, weights, X, y, flat=False, buffers=(), **settings):
    """The parameters after training, and how many rows went through the model each time. flat: outputs are (n,)."""
    rows, calls = [], []

    def model_fn():
        calls.append(1)
        model = network(weights, 0.1 * (len(calls) - 1), rows)
        for name in buffers:
            model.register_buffer(name, torch.ones(2))
        return model.append(torch.nn.Flatten(0)) if flat else model

    parameters = student.dp_train(model_fn=model_fn, X=X, y=y, **settings)
    return {"parameters": plain(parameters), "rows through the model": rows}


def train_like_one(student, weights, X, y, world_size, **settings):
    """The same training with one rank and with several: rounding apart there is no difference."""
    one, many = (train(student, weights, X, y, world_size=size, **settings)["parameters"] for size in (1, world_size))
    if not (isinstance(one, dict) and isinstance(many, dict)):
        return [one, many]
    gap = max(float((one[name] - many[name]).abs().max()) for name in one)
    return {"one rank": one, "largest difference": gap}


def workers(student, weights, shares, steps, lr, offset=0.25):
    """Every rank in a thread of its own, with other initial weights; what each of them returns, and its model."""
    size = len(shares)
    ranks, answers = meeting(size), [None] * size
    models = [network(weights, offset * rank, []) for rank in range(size)]

    def run(rank):
        X, y = shares[rank]
        try:
            answers[rank] = student.ddp_worker(model=models[rank], X=X, y=y, comm=ranks[rank], lr=lr, steps=steps)
        except BaseException as error:
            answers[rank] = error
        ranks[rank].leave()

    threads = [threading.Thread(target=run, args=(rank,)) for rank in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    give_up(answers)
    return {
        "parameters of each rank": [plain(answer) for answer in answers],
        "the model of each rank": [plain(dict(model.named_parameters())) for model in models],
    }


def give_up(answers):
    """Raises what a rank has raised, rather the cause than the alarm of those who waited in vain."""
    errors = [answer for answer in answers if isinstance(answer, BaseException)]
    for error in sorted(errors, key=lambda error: str(error).startswith("the ranks don't meet")):
        raise error


def meeting(size):
    """The comm objects of all ranks. A call waits until all ranks have made it; one that can't be met raises."""
    met = threading.Condition()
    slots, finished, gone, turn = {}, {}, [], [0]

    def meet(rank, what, tensor):
        with met:
            mine = turn[0]
            slots[rank] = (what, tensor.detach().clone())
            if len(slots) == size:
                finished[mine] = combined(slots, size)
                slots.clear()
                turn[0] += 1
                met.notify_all()
            met.wait_for(lambda: turn[0] > mine or gone)
            result = finished.get(mine)
        if result is None:
            raise RuntimeError(f"the ranks don't meet: rank {rank} waits in {what[0]}, in vain")
        with torch.no_grad():
            tensor.copy_(result)

    def leave(rank):
        with met:
            gone.append(rank)
            met.notify_all()

    def member(rank):
        return types.SimpleNamespace(
            rank=rank,
            world_size=size,
            all_reduce=lambda tensor: meet(rank, ("all_reduce",), tensor),
            broadcast=lambda tensor, src: meet(rank, ("broadcast", src), tensor),
            leave=lambda: leave(rank),
        )

    return [member(rank) for rank in range(size)]


def combined(slots, size):
    """What a collective gives, or None if the ranks didn't make the same call."""
    whats = {what for what, _ in slots.values()}
    shapes = {(tensor.shape, tensor.dtype) for _, tensor in slots.values()}
    if len(whats) > 1 or len(shapes) > 1:
        return None
    what = whats.pop()
    if what[0] == "broadcast":
        return slots[what[1]][1]
    total = torch.zeros_like(slots[0][1])
    for rank in range(size):
        total += slots[rank][1]
    return total


def network(weights, offset, rows):
    """Linear layers with tanh in between, from (weight, bias) pairs; notes the rows that go through."""
    layers = []
    for weight, bias in weights:
        layer = torch.nn.Linear(weight.shape[1], weight.shape[0], dtype=weight.dtype)
        with torch.no_grad():
            layer.weight.copy_(weight + offset)
            layer.bias.copy_(bias - offset)
        layers += [layer, torch.nn.Tanh()]
    model = torch.nn.Sequential(*layers[:-1])
    model.register_forward_pre_hook(lambda module, inputs: rows.append(len(inputs[0])))
    return model


def plain(parameters):
    """Tensors without their history."""
    if not isinstance(parameters, dict):
        return parameters
    return {n: p.detach() if isinstance(p, torch.Tensor) else p for n, p in parameters.items()}


# Cases


def shard_cases(rng):
    def case(name, n, world_size, rank):
        return Case(f"share: {name}", {"n": n, "world_size": world_size, "rank": rank})

    def together(name, n, world_size):
        return Case(f"shares: {name}", {"n": n, "world_size": world_size}, driver=all_shares)

    yield case("the second half of 8 rows", 8, 2, 1)
    yield case("one rank gets all", 5, 1, 0)
    yield together("8 rows on 4 ranks", 8, 4)
    yield together("10 rows on 4 ranks", 10, 4)
    yield together("11 rows on 4 ranks", 11, 4)
    yield together("103 rows on 8 ranks", 103, 8)
    yield together("3 rows on 5 ranks", 3, 5)
    yield together("no row", 0, 3)
    yield together("as many ranks as rows", 6, 6)
    yield together("any", int(rng.integers(20, 200)), int(rng.integers(2, 12)))
    yield case("the last of seven", 40, 7, 6)
    yield case("a rank below 0", 8, 2, -1)
    yield case("a rank too many", 8, 2, 2)
    yield case("a rank far beyond the last", 8, 2, 5)


def average_cases(rng):
    def draw(*shapes, dtype=np.float64):
        return {f"layer{i}": rng.normal(size=shape).astype(dtype) for i, shape in enumerate(shapes)}

    def case(name, local_grads, local_sizes, **options):
        return Case(f"average: {name}", {"local_grads": local_grads, "local_sizes": local_sizes}, **options)

    def many(count, *shapes, dtype=np.float64):
        return [draw(*shapes, dtype=dtype) for _ in range(count)]

    two = [{"w": np.array([1.0, 2.0])}, {"w": np.array([3.0, 6.0])}]
    yield case("two ranks with two rows each", two, [2, 2])
    yield case("by hand: three rows and one row", two, [3, 1])
    yield case("one rank", many(1, (2, 3)), [7])
    yield case("11 and 5 rows", many(2, (3, 2), (3,)), [11, 5])
    yield case("four ranks, several layers", many(4, (4, 3), (4,), (2, 4), (2,)), [26, 26, 26, 25])
    yield case("very different shares", many(3, (5,)), [1, 1000, 10])
    yield case("a scalar parameter", many(3, ()), [2, 3, 4])
    yield case("a parameter without elements", many(2, (0, 3), (2,)), [2, 5])
    yield case("a rank without rows", many(3, (3,)), [4, 0, 2])
    lost = [*many(1, (3,)), {"layer0": np.full(3, np.nan)}, *many(1, (3,))]
    yield case("a rank without rows that holds NaN", lost, [4, 0, 2])
    yield case("the first rank has no rows and holds NaN", [lost[1], lost[0], lost[2]], [0, 1, 2])
    diverged = [{"w": np.array([1.0, np.nan, 2.0])}, {"w": np.array([3.0, 1.0, np.inf])}]
    yield case("ranks with rows that hold NaN and infinity", diverged, [2, 1])
    yield case(
        "names in another order", [{"a": np.ones(2), "b": np.zeros(1)}, {"b": np.ones(1), "a": 3 * np.ones(2)}], [1, 2]
    )
    yield case("float32 stays float32", many(3, (4, 2), (4,), dtype=np.float32), [3, 2, 2], tolerance=T32)
    mixed = [{**draw((3,)), "single": rng.normal(size=4).astype(np.float32)} for _ in range(2)]
    yield case("float32 and float64 side by side", mixed, [3, 5], tolerance=T32)
    layouts = [{"w": np.asfortranarray(rng.normal(size=(3, 4)))}, {"w": rng.normal(size=(6, 4))[::-2]}]
    yield case("Fortran order, strides", layouts, [5, 3])
    yield case("a second identical call", many(2, (3,)), [2, 1], driver=averaged_twice)
    yield case("no rows on any rank", many(2, (3,)), [0, 0])


def scale_cases(rng):
    def case(name, local_n, global_n, world_size):
        return Case(f"scale: {name}", {"local_n": local_n, "global_n": global_n, "world_size": world_size})

    yield case("equal shares", 8, 16, 2)
    yield case("11 of 16 rows on one of two ranks", 11, 16, 2)
    yield case("the other 5 rows", 5, 16, 2)
    yield case("one rank", 7, 7, 1)
    yield case("no row on this rank", 0, 3, 4)
    yield case("all rows on this rank", 3, 3, 4)
    yield case("any", int(rng.integers(5, 50)), int(rng.integers(50, 200)), int(rng.integers(3, 9)))


def ring_cases(rng):
    def case(name, buffers, **options):
        return Case(f"ring: {name}", {"buffers": list(buffers)}, **options)

    yield case("two ranks, two elements", [np.array([1.0, 2.0]), np.array([10.0, 20.0])])
    yield case("four ranks, 16 elements", rng.normal(size=(4, 16)))
    yield case("three ranks, 6 elements", rng.normal(size=(3, 6)))
    yield case("four ranks, 10 elements: chunks of two sizes", rng.normal(size=(4, 10)))
    yield case("five ranks, 23 elements", rng.normal(size=(5, 23)))
    yield case("more ranks than elements", rng.normal(size=(5, 3)))
    yield case("one rank", rng.normal(size=(1, 4)))
    yield case("empty buffers", np.zeros((3, 0)))
    yield case("float32 stays float32", rng.normal(size=(4, 9)).astype(np.float32), tolerance=Tolerance(1e-4, 1e-6))
    yield case("integers", rng.integers(-50, 50, (3, 8)))
    yield case("strided buffers, read backwards", rng.normal(size=(4, 20))[:, ::-2])
    yield case("each rank has an array of its own", rng.normal(size=(3, 7)), driver=ring_results_are_separate)
    inputs = {"ranks": 8, "n": 100_000, "seed": int(rng.integers(2**31))}
    yield Case("ring: eight ranks, 100 000 elements", inputs, driver=long_ring, speed=Speed())


def draw_weights(rng, *sizes, dtype=np.float64):
    """(weight, bias) of linear layers between these sizes."""
    shapes = [((b, a), (b,)) for a, b in itertools.pairwise(sizes)]
    return [tuple(torch.from_numpy(0.5 * rng.normal(size=s).astype(dtype)) for s in pair) for pair in shapes]


def draw_rows(rng, n, d, classes=0, outputs=1, dtype=np.float64):
    """Rows and their targets: integer classes, or floats of the shape (n, outputs)."""
    X = torch.from_numpy(rng.normal(size=(n, d)).astype(dtype))
    y = rng.integers(0, classes, n) if classes else rng.normal(size=(n, outputs)).astype(dtype)
    return X, torch.from_numpy(y)


def train_cases(rng):
    def case(
        name, n=12, classes=0, world_size=2, batch_size=4, steps=4, lr=0.2, sizes=(3, 2), dtype=np.float64, **more
    ):
        driver, tolerance = more.pop("driver", None), more.pop("tolerance", None)
        X, y = draw_rows(rng, n, sizes[0], classes, sizes[-1], dtype)
        y = y.flatten() if more.get("flat") else y
        settings = {"world_size": world_size, "lr": lr, "steps": steps, "batch_size": batch_size, **more}
        inputs = {"weights": draw_weights(rng, *sizes, dtype=dtype), "X": X, "y": y, **settings}
        return Case(f"train: {name}", inputs, driver=driver, tolerance=tolerance)

    yield case("one rank, one step", world_size=1, steps=1)
    yield case("two ranks, one step", steps=1)
    yield case("two ranks, four steps")
    yield case("classes: cross-entropy", classes=3, sizes=(4, 3))
    yield case("shares of different sizes", n=20, batch_size=5)
    yield case("three ranks, 10 rows per step", n=20, world_size=3, batch_size=10, classes=4, sizes=(3, 4))
    yield case("a hidden layer", n=16, world_size=3, batch_size=8, sizes=(3, 5, 2))
    yield case("batches that run over the end of the data", n=10, batch_size=4, steps=6)
    yield case("a batch larger than the data", n=3, batch_size=5, steps=3)
    yield case("more ranks than rows in a batch", world_size=5, batch_size=3, classes=2)
    yield case("a single row per step", world_size=2, batch_size=1, steps=5)
    yield case("no step at all", steps=0)
    yield case("outputs without an axis of their own", sizes=(3, 4, 1), flat=True)
    yield case("a buffer is no parameter", sizes=(3, 4, 2), buffers=["scale"])
    yield case(
        "four ranks are as good as one",
        n=23,
        world_size=4,
        batch_size=7,
        classes=3,
        sizes=(4, 3),
        driver=train_like_one,
    )
    single = {"dtype": np.float32, "tolerance": Tolerance(1e-3, 1e-5)}
    yield case("float32 stays float32", n=9, batch_size=3, **single)


def worker_cases(rng):
    def case(name, counts, steps=3, lr=0.3, sizes=(3, 4), dtype=np.float64, tolerance=None, **more):
        shares = [draw_rows(rng, n, sizes[0], sizes[-1], dtype=dtype) for n in counts]
        inputs = {"weights": draw_weights(rng, *sizes, dtype=dtype), "shares": shares, "steps": steps, "lr": lr}
        return Case(f"worker: {name}", {**inputs, **more}, tolerance=tolerance)

    yield case("one rank", [6], steps=1)
    yield case("two ranks with equal shares and equal weights, one step", [4, 4], steps=1, offset=0.0)
    yield case("two ranks start with other weights", [4, 4])
    yield case("no step: the same weights everywhere", [2, 2, 2], steps=0)
    yield case("11 and 5 rows", [11, 5])
    yield case("four ranks, shares of different sizes", [7, 1, 4, 2], sizes=(3, 5, 4))
    yield case("a rank without rows", [3, 0, 2])
    yield case("rank 0 has no rows", [0, 4])
    yield case("many steps", [5, 3], steps=12)
    yield case("float32 stays float32", [5, 3], dtype=np.float32, tolerance=Tolerance(1e-3, 1e-5))


PARTS = (
    Part(
        "shard",
        shard_cases,
        hints=(
            "Cut the rows 0 ... n - 1 into world_size pieces of as equal a size as possible.",
            "n // world_size rows for everybody; who gets the n % world_size rows that are left?",
            "In front of rank r there are r * (n // world_size) rows, and one more for each larger share among these r "
            "ranks. np.array_split cuts in the same way.",
        ),
    ),
    Part(
        "allreduce_mean_grads",
        average_cases,
        hints=(
            "Every row should count the same, wherever it was computed.",
            "A rank's mean gradient times its number of rows is the sum over its rows.",
            "Weights: local_size / total. Leave ranks without rows out altogether, since 0 times NaN is NaN.",
        ),
        driver=averaged,
    ),
    Part(
        "ddp_loss_scale",
        scale_cases,
        hints=(
            "Write down what DDP makes of the ranks' gradients, and what you want instead.",
            "Wanted: each rank with the weight local_n / global_n. What DDP gives: each with 1 / world_size.",
            "The factor is the quotient of the two.",
        ),
    ),
    Part(
        "ring_all_reduce",
        ring_cases,
        hints=(
            "Each chunk travels round the ring twice: once to be summed up, once to be handed out.",
            "Copy the buffers and cut each copy into p chunks; np.array_split gives views, so a change of a chunk "
            "changes the copy.",
            "First round: chunk (r - s) mod p is added to the neighbour's. Second round: chunk (r + 1 - s) mod p "
            "replaces it. Count the elements of what a rank sends; chunks may differ in size.",
        ),
        driver=ring,
        returns=("sums", "sent"),
    ),
    Part(
        "dp_train",
        train_cases,
        hints=(
            "One model is enough: all ranks hold the same weights at the beginning of every step.",
            "Per step: the rows of the batch, cut by shard; the gradient of the mean loss of each share; "
            "allreduce_mean_grads; one SGD step.",
            "Row numbers are (t * batch_size + 0 ... batch_size - 1) % n. Skip empty shares before you compute a loss. "
            "torch.autograd.grad gives gradients that don't pile up in .grad.",
        ),
        driver=train,
        tolerance=T64L,
        uses=("shard", "allreduce_mean_grads", "dp_train"),
    ),
    Part(
        "ddp_worker",
        worker_cases,
        hints=(
            "Two things must be equal on all ranks: the weights at the start, and the gradient of every step.",
            "Broadcast each parameter from rank 0. Find out how many rows there are in all, with an all_reduce. In "
            "each step all_reduce the gradients of all parameters, in the same order on all ranks.",
            "A rank contributes its mean gradient times local_n / global_n, and zeros if it has no rows; then the "
            "plain sum over the ranks is the gradient of the mean over all rows.",
        ),
        driver=workers,
        tolerance=T64L,
        uses=("ddp_loss_scale", "ddp_worker"),
    ),
)

WEIGHTED = "(grads, size / total) for grads, size in zip(local_grads, local_sizes, strict=True) if size]"
AVERAGE = "return {name: sum(grads[name] * weight for grads, weight in ranks) for name in local_grads[0]}"
SUM = "return {name: sum(grads[name] for grads, _ in ranks) for name in local_grads[0]}"
SCALED = "grad *= scale / comm.world_size"

MISCONCEPTIONS = (
    Misconception(
        "mean_of_means",
        ("allreduce_mean_grads", "dp_train", "ddp_worker"),
        "Your code gives every rank the same weight, however many rows it has.",
        "11 rows here, 5 rows there: how much does a single row count on each side?",
        edits=(
            (WEIGHTED, WEIGHTED.replace("size / total", "1 / np.count_nonzero(local_sizes)")),
            (SCALED, "grad *= 1 / comm.world_size"),
        ),
    ),
    Misconception(
        "sum_grads",
        ("allreduce_mean_grads", "dp_train", "ddp_worker"),
        "Your gradients are the sum over the ranks, not a mean.",
        "Use four ranks instead of one: does the step get four times as long?",
        edits=((AVERAGE, SUM), (SCALED, "grad *= scale")),
    ),
    Misconception(
        "double_average",
        ("allreduce_mean_grads", "dp_train", "ddp_worker"),
        "Your gradients are means already, and you divide them by their number of rows once more.",
        "With a single rank, averaging over ranks must change nothing. Does it?",
        edits=(
            (WEIGHTED, WEIGHTED.replace("size / total", "1 / total")),
            (SCALED, "grad *= scale / comm.world_size / max(1, len(X))"),
        ),
    ),
    Misconception(
        "empty_rank_counts",
        "allreduce_mean_grads",
        "Your code lets a rank without rows take part with a weight of zero, and zero times NaN is NaN.",
        "What is the mean over no rows, and what is 0 times that?",
        edits=((WEIGHTED, WEIGHTED.replace(" if size]", "]")),),
    ),
    Misconception(
        "remainder_lost",
        "shard",
        "Your shares all have n // world_size rows, so some rows belong to nobody.",
        "Join all shares. Which rows are missing?",
        edits=(("start = rank * size + min(rank, larger)", "larger, start = 0, rank * size"),),
    ),
    Misconception(
        "larger_shares_last",
        "shard",
        "Your larger shares belong to the last ranks.",
        "Ten rows on four ranks: which ranks get three?",
        edits=(
            (
                "start = rank * size + min(rank, larger)",
                "start = rank * size + max(0, rank - world_size + larger)",
            ),
            (
                "return np.arange(start, start + size + (rank < larger))",
                "return np.arange(start, start + size + (rank >= world_size - larger))",
            ),
        ),
    ),
    Misconception(
        "every_nth_row",
        "shard",
        "Your ranks take every world_size-th row, as DistributedSampler does, not consecutive ones.",
        "Which rows does rank 0 get of eight rows on two ranks?",
        edits=(("return np.arange(start, start + size + (rank < larger))", "return np.arange(rank, n, world_size)"),),
    ),
    Misconception(
        "scale_inverted",
        ("ddp_loss_scale", "ddp_worker"),
        "Your factor makes large shares count less.",
        "Which rank saw more rows, and which one should weigh more?",
        edits=(("return local_n * world_size / global_n", "return global_n / max(1, local_n * world_size)"),),
    ),
    Misconception(
        "scale_without_world_size",
        ("ddp_loss_scale", "ddp_worker"),
        "Your factor forgets that DDP divides by the number of ranks afterwards.",
        "With equal shares nothing needs to be corrected. Is your factor 1 then?",
        edits=(("return local_n * world_size / global_n", "return local_n / global_n"),),
    ),
    Misconception(
        "naive_gather",
        "ring_all_reduce",
        "Your ranks send their whole buffers to everybody else.",
        "What has to be sent at the least: everything p - 1 times, or about twice in all?",
        code="""
def ring_all_reduce(buffers):
    total = sum(buffers)
    return [total.copy() for _ in buffers], [(len(buffers) - 1) * len(buffer) for buffer in buffers]
""",
    ),
    Misconception(
        "equal_chunks_assumed",
        "ring_all_reduce",
        "Your counts assume that all chunks have the same size.",
        "Ten elements in four chunks: how many elements does each rank send?",
        edits=(("    return own, sent", "    return own, [2 * (p - 1) * len(buffers[0]) // p] * p"),),
    ),
    Misconception(
        "reduce_scatter_only",
        "ring_all_reduce",
        "Your ring stops after the first round, when each rank holds one finished chunk.",
        "Who tells the others about the finished chunk?",
        edits=(("for gathering in (False, True):", "for gathering in (False,):"),),
    ),
    Misconception(
        "one_result_for_all",
        "ring_all_reduce",
        "Your ranks share a single array.",
        "Rank 0 overwrites its result. What do the others see?",
        edits=(("    return own, sent", "    return [own[0]] * p, sent"),),
    ),
    Misconception(
        "full_batch_everywhere",
        "dp_train",
        "Your ranks each compute the gradient of the whole batch.",
        "How many rows does a rank send through the model, and what have you won with the second GPU?",
        edits=(("torch.from_numpy(batch[shard(batch_size, world_size, rank)])", "torch.from_numpy(batch)"),),
    ),
    Misconception(
        "no_sync",
        ("dp_train", "ddp_worker"),
        "Your ranks step with their own gradients, without exchanging them.",
        "Compare the parameters of two ranks after three steps. Are they still equal?",
        edits=(
            (
                "_sgd(model, allreduce_mean_grads(grads, [len(rows) for rows in shares]), lr)",
                "_sgd(model, grads[0], lr)",
            ),
            (
                "            grad *= scale / comm.world_size\n            comm.all_reduce(torch.from_numpy(grad))\n",
                "            pass\n",
            ),
        ),
    ),
    Misconception(
        "one_step_per_rank",
        "dp_train",
        "Your ranks step one after the other, so the second one's gradient belongs to weights that have moved.",
        "Which weights does rank 1 use while rank 0 is computing, on a second GPU?",
        edits=(
            (
                "        grads = [_mean_grads(model, X[rows], y[rows]) for rows in shares]\n"
                "        _sgd(model, allreduce_mean_grads(grads, [len(rows) for rows in shares]), lr)",
                "        for rows in shares:\n"
                "            _sgd(model, _mean_grads(model, X[rows], y[rows]), lr * len(rows) / batch_size)",
            ),
        ),
    ),
    Misconception(
        "end_of_data_cut",
        "dp_train",
        "Your batches end where the data end, instead of going on with the first rows.",
        "Ten rows, batches of four: which rows does the third step take?",
        edits=(
            (
                "batch = (step * batch_size + np.arange(batch_size)) % len(X)",
                "batch = step * batch_size % len(X) + np.arange(batch_size)\n        batch = batch[batch < len(X)]",
            ),
            ("batch[shard(batch_size, world_size, rank)]", "batch[shard(len(batch), world_size, rank)]"),
        ),
    ),
    Misconception(
        "unseeded_replicas",
        "ddp_worker",
        "Your replicas start with different weights.",
        "Print a weight of each rank before the first step.",
        edits=(("        comm.broadcast(parameter, 0)", "        pass"),),
    ),
    Misconception(
        "weights_averaged",
        "ddp_worker",
        "Your replicas start with the mean of all weights, not with those of rank 0.",
        "Whose weights are to be everybody's initial weights?",
        edits=(
            (
                "        comm.broadcast(parameter, 0)",
                "        comm.all_reduce(parameter)\n        parameter.data /= comm.world_size",
            ),
        ),
    ),
    Misconception(
        "empty_rank_stays_away",
        "ddp_worker",
        "Your rank without rows doesn't take part in the exchange, and the others wait for it in vain.",
        "Everybody waits until all ranks have made the call. Does a rank without rows make it?",
        edits=(
            (
                "    for _ in range(steps):\n        grads = _mean_grads(model, X, y)",
                "    for _ in range(steps if len(X) else 0):\n        grads = _mean_grads(model, X, y)",
            ),
        ),
    ),
)

CHUNKS = "parcel, target = chunks[r][c], chunks[(r + 1) % p][c]"
LOOSE = [
    "ranks = [(grads, size / total) for grads, size in zip(local_grads, local_sizes, strict=True) if size]",
    "names, parameters = zip(*model.named_parameters(), strict=True)",
    "return {name: grad.numpy() for name, grad in zip(names, grads, strict=True)}",
]

EQUIVALENTS = (
    Equivalent(CHUNKS, CHUNKS.replace("(r + 1) % p", "(r + 1) - p"), "a negative index counts from the end"),
    Equivalent("if total == 0:", "if total <= 0:", "there are no negative numbers of rows"),
    Equivalent(AVERAGE, AVERAGE.replace("[0]", "[ -1]"), "all ranks have the same names"),
    *(Equivalent(line, line.replace("True", "False"), "the lengths are equal") for line in LOOSE),
)

exercise = Exercise(parts=PARTS, misconceptions=MISCONCEPTIONS, equivalents=EQUIVALENTS)

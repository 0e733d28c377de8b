"""Cases of exercise 4. Scalers are made, fitted and used by the drivers; far from 0 only scaled values are compared."""

import tracemalloc
from collections.abc import Iterator

import numpy as np

from grader.spec import Case, Equivalent, Exercise, Misconception, Part, Speed, Tolerance

F32 = Tolerance(1e-4, 1e-5)
FAR = Tolerance(1e-5, 1e-4, scaled=False)  # at 1e8 a plain sum of 600 numbers costs some 1e-6 of the mean
ALMOST = Tolerance(1e-9, 1e-7)  # roots of rounding errors


def fitted(student, name, X, settings):
    made = getattr(student, name)(**settings)
    made.fit(X)
    return made


def transformed(student, X, name="StandardScaler", new=None, settings=None):
    """What a scaler fitted to X makes of X, or of new."""
    return fitted(student, name, X, settings or {}).transform(X if new is None else new)


def restored(student, X, name="StandardScaler", new=None, settings=None):
    """What inverse_transform makes of X, or of new."""
    return fitted(student, name, X, settings or {}).inverse_transform(X if new is None else new)


def there_and_back(student, X, name="StandardScaler", settings=None):
    made = fitted(student, name, X, settings or {})
    return made.inverse_transform(made.transform(X))


def statistics(student, X, name="StandardScaler", names=("mean_", "var_", "scale_", "n_samples_seen_")):
    return attributes(fitted(student, name, X, {}), names)


def attributes(made, names):
    """Copies, since a scaler may go on learning."""
    found = {name: getattr(made, name, "there is no such attribute") for name in names}
    return {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in found.items()}


def fitted_twice(student, first, X, name="StandardScaler", refit="fit"):
    made = fitted(student, name, first, {})
    made.transform(first)
    getattr(made, refit)(X)
    return made.transform(X)


def overwritten_after_fit(student, X, new, name="StandardScaler"):
    lent = X.copy()
    made = fitted(student, name, lent, {})
    lent.fill(np.nan)
    return made.transform(new), made.inverse_transform(new)


def two_scalers(student, X, new, name="StandardScaler"):
    one, two = getattr(student, name)(), getattr(student, name)()
    one.fit(X)
    two.fit(new)
    return one.transform(X), two.transform(X), one.transform(new)


def used_in_between(student, X, new, name="StandardScaler"):
    """Transforming other tables teaches nothing, and answers handed out stay as they are."""
    made = fitted(student, name, X, {})
    first = made.transform(X)
    made.inverse_transform(new)
    made.transform(new)
    return first, made.transform(X)


def is_returned(student, X, name="StandardScaler", method="fit"):
    made = getattr(student, name)()
    return getattr(made, method)(X) is made


def in_chunks(student, X, cuts):
    """A table that arrives in chunks; statistics and scaled values after each of them."""
    made, seen = student.StandardScaler(), []
    for chunk in np.split(X, cuts):
        made.partial_fit(chunk)
        scaled, back = made.transform(X), made.inverse_transform(X)
        seen.append(attributes(made, ("mean_", "var_", "scale_", "n_samples_seen_")) | {"X": scaled, "back": back})
    return seen


def in_chunks_far(student, X, cuts):
    made = student.StandardScaler()
    for chunk in np.split(X, cuts):
        made.partial_fit(chunk)
    return attributes(made, ("var_", "scale_")) | {"X": made.transform(X)}


def statistics_far(student, X):
    return attributes(fitted(student, "StandardScaler", X, {}), ("var_", "scale_"))


def chunks_overwritten(student, X, cuts):
    """One buffer that is filled anew for each chunk."""
    made, lent = student.StandardScaler(), np.empty_like(X)
    for chunk in np.split(X, cuts):
        lent[: len(chunk)] = chunk
        made.partial_fit(lent[: len(chunk)])
        lent.fill(np.nan)
    return attributes(made, ("mean_", "var_", "scale_", "n_samples_seen_")) | {"X": made.transform(X)}


def fit_then_more(student, X, more):
    made = fitted(student, "StandardScaler", X, {})
    made.partial_fit(more)
    return attributes(made, ("mean_", "var_", "scale_", "n_samples_seen_"))


def from_generator(student, batches):
    return student.channel_stats(batch for batch in batches)


def with_little_memory(student, image, count):
    """The same batch again and again; the peak is counted in batches of float64."""
    tracemalloc.start()
    try:
        answer = student.channel_stats(image + np.uint8(i % 3) for i in range(count))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return {"mean and std": answer, "no more than a few batches in memory": peak < 10 * 8 * image.size}


def scaler_habits(rng: np.random.Generator, name: str) -> Iterator[Case]:
    """What both scalers must do."""

    def case(text, driver, tolerance=None, **inputs):
        return Case(f"{text} ({name})", {"name": name, **inputs}, driver=driver, tolerance=tolerance)

    X, new = rng.normal(3, 2, (8, 3)) * [1.0, 100.0, 0.01], rng.normal(1, 5, (5, 3))
    yield case("metres, millimetres and kilometres side by side", transformed, X=X)
    yield case("other rows than those of the fit", transformed, X=X, new=new)
    yield case("as many rows as columns", transformed, X=X[:3])
    yield case("a single feature", transformed, X=X[:, :1])
    yield case("a single row", transformed, X=X[:1], new=new)
    yield case("inverse_transform of other rows", restored, X=X, new=new)
    yield case("there and back", there_and_back, X=X)
    yield case("0 rows to transform", transformed, X=X, new=X[:0])
    yield case("0 rows to transform back", restored, X=X, new=X[:0])
    yield case("fit with 0 rows", transformed, X=X[:0])
    same, other = np.column_stack([np.full(7, 5.0), np.arange(7.0)]), np.array([[5.0, 1.0], [6.5, 2.0], [3.0, 9.0]])
    yield case("a feature that never changes", transformed, X=same)
    yield case("a feature that never changed, until now", transformed, X=same, new=other)
    yield case("a feature that never changes, and back", restored, X=same, new=other)
    tenths = np.column_stack([np.full(10, 0.1), np.arange(10.0), np.full(10, -0.7), np.full(10, 1 / 3)])
    yield case("a feature that is always 0.1", transformed, X=tenths, new=tenths[:3] + np.arange(3.0)[:, np.newaxis])
    yield case("a feature that is always 0", transformed, X=np.zeros((4, 2)), new=np.eye(2))
    yield case("a feature that is always 0, and back", restored, X=np.zeros((4, 2)), new=np.eye(2))
    tiny = rng.normal(0, 1e-9, (30, 2)) * [1.0, 1e-9]
    yield case("nanometres, and a billionth of them", transformed, X=tiny)
    far = np.column_stack([1e8 + rng.normal(0, 1, 50), np.full(50, 1e8 + 0.1), rng.normal(size=50)])
    yield case("1e8 plus or minus 1", transformed, FAR, X=far)
    yield case("1 plus or minus 1e-8", transformed, FAR, X=far[:, :1] / 1e8)
    X32, new32 = X.astype(np.float32), new.astype(np.float32)
    yield case("float32 stays float32", transformed, F32, X=X32)
    yield case("float32, fitted to float64", transformed, F32, X=X, new=new32)
    yield case("float64, fitted to float32", transformed, X=X32, new=new)
    yield case("float32 on the way back", restored, F32, X=X, new=new32)
    yield case("float16 becomes float64", transformed, X=X.astype(np.float16))
    yield case("float16 on the way back", restored, X=X, new=new.astype(np.float16))
    counts = rng.integers(-50, 50, (9, 2))
    yield case("integers become float64", transformed, X=counts)
    yield case("integers on the way back", restored, X=X, new=rng.integers(-3, 4, (4, 3)))
    pixels = np.array([[250, 3], [10, 255], [0, 128], [200, 200]], np.uint8)
    yield case("uint8", transformed, X=pixels)
    yield case("uint8 below those of the fit", transformed, X=pixels[:2], new=pixels)
    yield case("yes and no", transformed, X=np.array([[True, False], [False, False], [True, False]]))
    yield case("Fortran order", transformed, X=np.asfortranarray(X))
    yield case("reversed rows, every second column", transformed, X=rng.normal(size=(6, 6))[::-1, ::2])
    yield case("read-only rows, all the same", transformed, X=np.broadcast_to(X[0], (5, 3)), new=new)
    yield case("fit forgets the first fit", fitted_twice, first=new, X=X)
    yield case("the caller overwrites X after fit", overwritten_after_fit, X=X, new=new)
    yield case("the caller overwrites the only row after fit", overwritten_after_fit, X=X[:1], new=new)
    yield case("two scalers side by side", two_scalers, X=X, new=new)
    yield case("transform teaches nothing", used_in_between, X=X, new=new)
    yield case("fit returns the scaler itself", is_returned, X=X)


def standard_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield Case("the numbers 2, 4, 6", {"X": np.array([[2.0], [4.0], [6.0]])}, driver=transformed)
    pair = np.array([[1.0, 1000.0], [3.0, 5000.0]])
    yield Case("two features, two rows", {"X": pair}, driver=transformed)
    yield Case("mean_, var_, scale_ of two rows", {"X": pair}, driver=statistics)
    X = rng.normal(2, 3, (40, 4)) * [1.0, 10.0, 0.1, 1e-3]
    yield Case("mean_, var_, scale_, n_samples_seen_", {"X": X})
    yield Case("statistics of a single row", {"X": X[:1]})
    yield Case("statistics of integers", {"X": rng.integers(-50, 50, (9, 2))})
    yield Case("statistics of uint8", {"X": rng.integers(100, 256, (300, 2)).astype(np.uint8)})
    yield Case("statistics of a float32 table", {"X": rng.normal(1000, 1, (2000, 2)).astype(np.float32)})
    tenths = np.column_stack([np.full(10, 0.1), np.arange(10.0)])
    yield Case("scale_ of a feature that is always 0.1", {"X": tenths})
    far = np.column_stack([1e8 + rng.normal(0, 1, 500), np.full(500, 1e8 + 0.1)])
    yield Case("var_ and scale_ at 1e8 plus or minus 1", {"X": far}, driver=statistics_far, tolerance=FAR)
    yield from scaler_habits(rng, "StandardScaler")


def min_max_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(text, X, new=None, driver=transformed, tolerance=None, **settings):
        inputs = {"name": "MinMaxScaler", "X": X, "new": new, "settings": settings}
        return Case(text, inputs, driver=driver, tolerance=tolerance)

    ladder = np.array([[2.0], [4.0], [6.0]])
    yield case("the numbers 2, 4, 6 between 0 and 1", ladder)
    X, new = rng.normal(2, 3, (20, 3)) * [1.0, 10.0, 0.1], rng.normal(2, 30, (15, 3))
    extremes = {"name": "MinMaxScaler", "names": ("data_min_", "data_max_")}
    yield Case("data_min_ and data_max_", {"X": X, **extremes}, driver=statistics)
    yield Case("data_min_ and data_max_ of uint8", {"X": np.array([[3, 200], [7, 9]], np.uint8), **extremes})
    yield Case("data_min_ and data_max_ of float32", {"X": X.astype(np.float32), **extremes})
    yield case("values never seen, without clip", ladder, np.array([[0.0], [5.0], [10.0]]))
    yield case("values never seen, with clip", ladder, np.array([[0.0], [5.0], [10.0]]), clip=True)
    yield case("feature_range (-1, 1)", X, feature_range=(-1.0, 1.0))
    yield case("feature_range (2, 7), other rows", X, new, feature_range=(2, 7))
    yield case("feature_range (-1, 1), other rows, clip", X, new, feature_range=(-1, 1), clip=True)
    yield case("feature_range (-1, 1), back", X, new, driver=restored, feature_range=(-1, 1))
    yield case("clip doesn't limit the way back", X, new, driver=restored, clip=True)
    single = {"new": new.astype(np.float32), "tolerance": F32, "feature_range": (-1, 1)}
    yield case("feature_range (-1, 1), float32", X, **single)
    yield case("feature_range (-1, 1), float32, clip", X, **single, clip=True)
    yield case("feature_range (-0.25, 0.5), clip", X, new, feature_range=(-0.25, 0.5), clip=True)
    yield case("a range of 1e-15", X * 1e-15)
    same, other = np.full((4, 1), 5.0), np.array([[4.0], [5.0], [5.5]])
    yield case("feature_range (2, 7), a feature that never changes", same, other, feature_range=(2, 7))
    yield case("feature_range (2, 7), clip, a feature that never changes", same, other, feature_range=(2, 7), clip=True)
    yield case("feature_range (1, 1)", ladder, feature_range=(1, 1))
    yield case("feature_range (1, 0)", ladder, feature_range=(1, 0))
    yield from scaler_habits(rng, "MinMaxScaler")


def split_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(text, X_train, X_test, tolerance=None):
        return Case(text, {"X_train": X_train, "X_test": X_test}, tolerance=tolerance)

    table = np.array([[2.0], [4.0], [6.0]])
    yield case("the numbers 2, 4, 6; the same ones as test", table, table.copy())
    yield case("the numbers 2, 4, 6; the test is 100", table, np.array([[100.0]]))
    train, test = rng.normal(2, 3, (12, 3)), rng.normal(-4, 1, (5, 3))
    yield case("the test rows lie elsewhere", train, test)
    yield case("the test rows spread more", train, rng.normal(2, 30, (5, 3)))
    yield case("as many test rows as training rows", train, rng.normal(1, 2, (12, 3)))
    yield case("many more test rows than training rows", train[:3], rng.normal(0, 5, (200, 3)))
    yield case("a single test row", train, test[:1])
    yield case("a single training row", train[:1], test)
    yield case("no test rows", train, test[:0])
    yield case("a feature that changes only in the test rows", np.array([[1.0, 2.0], [1.0, 4.0]]), np.eye(2))
    yield case("float32, both", train.astype(np.float32), test.astype(np.float32), F32)
    yield case("integers, both", rng.integers(0, 9, (6, 2)), rng.integers(-9, 20, (4, 2)))
    yield case("float64 training rows, float32 test rows", train, test.astype(np.float32), F32)
    yield case("Fortran order and reversed rows", np.asfortranarray(train), test[::-1])
    yield case("a second identical split", train, test)


def partial_cases(rng: np.random.Generator) -> Iterator[Case]:
    X = rng.normal(2, 3, (30, 3)) * [1.0, 10.0, 0.1]
    yield Case("a single chunk, 2, 4, 6", {"X": np.array([[2.0], [4.0], [6.0]]), "cuts": []})
    yield Case("the chunks (0, 2) and (10,)", {"X": np.array([[0.0], [2.0], [10.0]]), "cuts": [2]})
    yield Case("two equal chunks", {"X": X, "cuts": [15]})
    yield Case("a large chunk and a small one", {"X": X, "cuts": [27]})
    yield Case("a small chunk and a large one", {"X": X, "cuts": [2]})
    yield Case("row by row", {"X": X[:8], "cuts": list(range(1, 8))})
    yield Case("thirteen chunks", {"X": X, "cuts": sorted(rng.choice(np.arange(1, 30), 12, replace=False).tolist())})
    drift = np.sort(rng.normal(0, 10, (40, 2)), axis=0)
    yield Case("sorted rows, so that the chunks differ", {"X": drift, "cuts": [10, 20, 30]})
    steps = np.repeat([[1.0], [5.0]], 4, axis=0)
    yield Case("constant in each chunk, but not overall", {"X": steps, "cuts": [4]})
    tenths = np.column_stack([np.full(12, 0.1), np.arange(12.0)])
    yield Case("always 0.1, in chunks of three", {"X": tenths, "cuts": [3, 6, 9]})
    many = rng.normal(-1, 2, (5000, 2))
    cuts = list(range(1000, 5000, 1000))
    yield Case("5000 rows", {"X": many, "cuts": cuts})
    far = np.column_stack([1e8 + rng.normal(0, 1, 600), np.full(600, 1e8 + 0.1)])
    yield Case("1e8 plus or minus 1, in chunks", {"X": far, "cuts": [100, 350]}, driver=in_chunks_far, tolerance=FAR)
    single = rng.normal(1000, 1, (900, 2)).astype(np.float32)
    inputs = {"X": single, "cuts": [400, 401]}
    yield Case("float32 chunks", inputs, driver=chunk_statistics)
    yield Case("integer chunks", {"X": rng.integers(-50, 50, (9, 2)), "cuts": [4]})
    yield Case("uint8 chunks", {"X": rng.integers(100, 256, (50, 2)).astype(np.uint8), "cuts": [20, 30]})
    yield Case("reversed rows, Fortran order", {"X": np.asfortranarray(X)[::-1], "cuts": [7]})
    yield Case("one buffer for all chunks", {"X": X, "cuts": [10, 20]}, driver=chunks_overwritten)
    yield Case("fit first, then partial_fit", {"X": X[:9], "more": X[9:]}, driver=fit_then_more)
    inputs = {"first": X + 3, "X": X}
    yield Case("fit after partial_fit starts afresh", inputs, driver=partial_then_fit)
    yield Case("partial_fit with 0 rows", {"X": X[:0], "cuts": []})
    yield Case("0 rows after others", {"X": X[:4], "cuts": [4]})
    yield Case("partial_fit returns the scaler itself", {"X": X, "method": "partial_fit"}, driver=is_returned)
    yield Case("the chunks (0, 2) and (10,) once more", {"X": np.array([[0.0], [2.0], [10.0]]), "cuts": [2]})


def chunk_statistics(student, X, cuts):
    made = student.StandardScaler()
    for chunk in np.split(X, cuts):
        made.partial_fit(chunk)
    return attributes(made, ("mean_", "var_", "scale_", "n_samples_seen_"))


def partial_then_fit(student, first, X):
    made = student.StandardScaler()
    made.partial_fit(first)
    made.fit(X)
    return attributes(made, ("mean_", "var_", "scale_", "n_samples_seen_"))


def image_cases(rng: np.random.Generator) -> Iterator[Case]:
    def images(n, c=3, h=4, w=5, low=0, high=256):
        return rng.integers(low, high, (n, c, h, w)).astype(np.uint8)

    yield Case("one image of two pixels, 0 and 255", {"batches": [np.array([[[[0, 255]]]], np.uint8)]})
    yield Case("one batch", {"batches": [images(6)]})
    yield Case("two batches of one size", {"batches": [images(4), images(4, high=100)]})
    yield Case("a last batch that is smaller", {"batches": [images(5), images(5), images(1, low=200)]})
    yield Case("a dark batch and a bright one", {"batches": [images(3, high=20), images(2, low=230)]})
    tinted = images(4)
    tinted[:, 1] //= 4
    tinted[:, 2] = tinted[:, 2] // 8 + 200
    yield Case("channels that differ", {"batches": [tinted]})
    yield Case("as many images as channels, square", {"batches": [images(3, 3, 3, 3), images(3, 3, 3, 3)]})
    yield Case("one channel", {"batches": [images(3, 1), images(2, 1)]})
    yield Case("one pixel", {"batches": [images(1, 2, 1, 1)]})
    yield Case("an empty batch in between", {"batches": [images(2), images(0), images(3)]})
    yield Case("an empty batch first", {"batches": [images(0), images(3)]})
    even = images(3)
    even[:, 0] = 77
    yield Case("a channel that never changes", {"batches": [even, even]}, tolerance=ALMOST)
    yield Case("a channel of 254 and 255", {"batches": [images(9, 2, low=254), images(9, 2, low=254)]})
    yield Case("white images", {"batches": [np.full((2, 3, 8, 8), 255, np.uint8)] * 3}, tolerance=ALMOST)
    batches = [images(4), images(2), images(3)]
    yield Case("batches from a generator", {"batches": batches}, driver=from_generator)
    yield Case("a tuple of batches", {"batches": tuple(batches)})
    views = [images(6)[::-2], np.asfortranarray(images(2)), np.broadcast_to(images(1), (3, 3, 4, 5))]
    yield Case("reversed, Fortran and read-only batches", {"batches": views})
    yield Case("no batches", {"batches": []})
    yield Case("only an empty batch", {"batches": [images(0)]})
    inputs = {"image": images(16, 3, 16, 16, high=250), "count": 120}  # kept as they are, they take that of 15
    yield Case("120 batches in the memory of a few", inputs, driver=with_little_memory)
    inputs = {"batches": [np.broadcast_to(images(1, 3, 32, 32), (200, 3, 32, 32))] * 4}
    yield Case("800 images of 32 x 32", inputs, speed=Speed())


def normalize_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(text, x, mean, std):
        return Case(text, {"x": x, "mean": np.array(mean), "std": np.array(std)})

    three, spread = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    x = rng.integers(0, 256, (2, 3, 4, 5)).astype(np.uint8)
    yield case("black and white, mean 0.5, std 0.5", np.array([[[[0, 255]]]], np.uint8), [0.5], [0.5])
    yield case("mean 0 and std 1", x, [0.0, 0.0, 0.0], [1.0, 1.0, 1.0])
    yield case("three channels", x, three, spread)
    yield case("as wide as there are channels", rng.integers(0, 256, (2, 3, 3, 3)).astype(np.uint8), three, spread)
    yield case("five channels, one pixel", rng.integers(0, 256, (4, 5, 1, 1)).astype(np.uint8), [0.1] * 5, [0.2] * 5)
    yield case("one image", x[:1], three, spread)
    yield case("no images", x[:0], three, spread)
    yield case("Fortran order", np.asfortranarray(x), three, spread)
    yield case("reversed and read-only", np.broadcast_to(x[:1, ::-1, ::-1], (3, 3, 4, 5)), three, spread)
    inputs = {"x": x, "mean": np.array(three, np.float32), "std": np.array(spread, np.float32)}
    yield Case("float32 mean and std", inputs)
    yield case("a std of 0.002", x, three, [0.002, 0.002, 0.002])
    yield case("a std of 0.00001", x, three, [1e-5, 0.002, 0.3])
    yield case("a second identical call", x, three, spread)


STANDARD = ("StandardScaler", "partial_fit")
MEAN = "gap = X.mean(axis=0) - self.mean_"
VARIANCE = "X.var(axis=0)"
MERGE = "self.var_ = (seen * self.var_ + n * X.var(axis=0) + gap**2 * seen * n / total) / total"
GUARD = "self.scale_ = np.where(constant, 1.0, np.sqrt(self.var_))"
SPREAD = "return np.where(spread == 0, 1.0, spread)"
EXTREMES = "self.data_min_, self.data_max_ = X.min(axis=0), X.max(axis=0)"
SPLIT = "scaler = StandardScaler().fit(X_train)\n    return scaler.transform(X_train), scaler.transform(X_test)"
SQUARES = """
class StandardScaler(StandardScaler):
    def partial_fit(self, X):
        super().partial_fit(X)
        X = np.asarray(X, dtype=np.float64)
        if self.n_samples_seen_ == len(X):
            self.sums = 0.0, 0.0
        self.sums = self.sums[0] + X.sum(axis=0), self.sums[1] + (X * X).sum(axis=0)
        n = self.n_samples_seen_
        self.mean_ = self.sums[0] / n
        self.var_ = np.maximum(self.sums[1] / n - self.mean_**2, 0)
        constant = self.var_ <= (n * self.mean_ * 2.0**-52) ** 2
        self.scale_ = np.where(constant, 1.0, np.sqrt(self.var_))
        return self
"""

SAMPLE_VARIANCE = """
class StandardScaler(StandardScaler):
    def partial_fit(self, X):
        if self.n_samples_seen_:
            self.var_ = self.var_ * (self.n_samples_seen_ - 1) / self.n_samples_seen_
        super().partial_fit(X)
        n = self.n_samples_seen_
        flat = self.scale_ == 1
        self.var_ = self.var_ * n / max(n - 1, 1)
        self.scale_ = np.where(flat, 1.0, np.sqrt(self.var_))
        return self
"""

exercise = Exercise(
    parts=(
        Part(
            "StandardScaler",
            standard_cases,
            driver=statistics,
            hints=(
                "Fitting measures, transforming applies. Keep what was measured as attributes and use nothing else "
                "in transform.",
                "Convert to float64 before anything is measured, take mean and variance along the rows, and decide in "
                "fit which features count as constant.",
                "scale_ is np.where(constant, 1.0, sqrt(var_)), with the test from the docstring: a comparison with "
                "exactly 0 misses a column of 0.1. The dtype of the answer is that of the argument of transform.",
            ),
        ),
        Part(
            "MinMaxScaler",
            min_max_cases,
            driver=statistics,
            hints=(
                "A straight line through two points: the smallest value goes to low, the largest to high.",
                "First to 0..1 with the data, then to low..high with feature_range; the way back takes the same two "
                "steps in reverse.",
                "Where data_max_ - data_min_ is 0, divide by 1 instead. Clip at the very end of transform, and only "
                "if clip was asked for.",
            ),
        ),
        Part(
            "scale_split",
            split_cases,
            hints=(
                "The test rows stand for rows that don't exist yet when the statistics are taken.",
                "One scaler, fitted once, used twice.",
                "Fit a StandardScaler to X_train; transform X_train and X_test with it.",
            ),
        ),
        Part(
            "partial_fit",
            partial_cases,
            driver=in_chunks,
            uses=("StandardScaler",),
            hints=(
                "Keep three things: the number of rows, their mean, their variance. The new chunk has the same three.",
                "The new mean lies between the two means, nearer to that of the larger group. The sum of squared "
                "deviations is that of both groups, plus something for the distance between their means.",
                "With n and m rows and means a distance d apart, the sums of squared deviations add up, plus "
                "d**2 * n * m / (n + m). Work scale_ out again with the new totals.",
            ),
        ),
        Part(
            "channel_stats",
            image_cases,
            returns=("mean", "std"),
            hints=(
                "A pixel is a row and a channel is a feature. Which class do you have for tables that come in chunks?",
                "Move the axis of the channels to the end and flatten the rest, and each batch is a chunk.",
                "StandardScaler.partial_fit(np.moveaxis(batch, 1, -1).reshape(-1, C) / 255) for every batch that isn't "
                "empty; then mean_ and the square root of var_, not scale_.",
            ),
        ),
        Part(
            "normalize_images",
            normalize_cases,
            tolerance=F32,
            hints=(
                "The formula is given; what is left is shape and dtype.",
                "Broadcasting lines up the last axes. Channels are the second one of four.",
                "mean[:, None, None] has the shape (C, 1, 1). Compute in floats and end with astype(np.float32).",
            ),
        ),
    ),
    misconceptions=(
        Misconception(
            "joint_fit",
            "scale_split",
            "Your split is scaled with statistics of all rows, the test rows included.",
            "What would you know about the test rows at deployment time?",
            edits=(("StandardScaler().fit(X_train)", "StandardScaler().fit(np.concatenate([X_train, X_test]))"),),
        ),
        Misconception(
            "separate_fit",
            "scale_split",
            "Your split is scaled with statistics of its own for each half.",
            "The same raw value should become the same scaled value, in whichever half it is. Does it?",
            edits=(
                (
                    SPLIT,
                    "return tuple(StandardScaler().fit(X).transform(X) if len(X) else X for X in (X_train, X_test))",
                ),
            ),
        ),
        Misconception(
            "ddof_1",
            (*STANDARD, "scale_split", "channel_stats"),
            "Your variance is that of a sample: it divides by one less than the number of rows.",
            "Which denominator does the docstring name?",
            code=SAMPLE_VARIANCE,
        ),
        Misconception(
            "global_stats",
            (*STANDARD, "MinMaxScaler", "scale_split", "channel_stats"),
            "Your statistics are taken over the whole table, not for each feature.",
            "One column is in metres, the other in grams. What have their means to do with each other?",
            edits=(
                (MEAN, "gap = np.full(X.shape[1], X.mean()) - self.mean_"),
                ("n * X.var(axis=0)", "n * np.full(X.shape[1], X.var())"),
                (
                    EXTREMES,
                    "self.data_min_, self.data_max_ = np.full(X.shape[1], X.min()), np.full(X.shape[1], X.max())",
                ),
            ),
        ),
        Misconception(
            "one_pass_cancellation",
            STANDARD,
            "Your variance is the mean of the squares minus the square of the mean, which cancels far from 0.",
            "Try the numbers 1e8, 1e8 + 1, 1e8 + 2. How many digits does the square of 1e8 need?",
            code=SQUARES,
        ),
        Misconception(
            "no_constant_guard",
            (*STANDARD, "MinMaxScaler", "scale_split"),
            "Your scaler divides by the spread even if the feature never changes.",
            "What is the spread of a column that never changes, and what is left after dividing by it?",
            edits=((GUARD, "self.scale_ = np.sqrt(self.var_)"), (SPREAD, "return spread")),
        ),
        Misconception(
            "exact_zero_guard",
            STANDARD,
            "Your scaler only takes a feature for constant if its variance is exactly 0.",
            "What does np.std give for three times 0.1?",
            edits=((GUARD, "self.scale_ = np.where(self.var_ == 0, 1.0, np.sqrt(self.var_))"),),
        ),
        Misconception(
            "eps_added",
            (*STANDARD, "MinMaxScaler", "scale_split"),
            "Your scaler adds a small constant to the spread.",
            "Is the scaled variance exactly 1 for a feature in nanometres?",
            edits=((GUARD, "self.scale_ = np.sqrt(self.var_) + 1e-8"), (SPREAD, "return spread + 1e-8")),
        ),
        Misconception(
            "silent_clip",
            "MinMaxScaler",
            "Your transform squeezes values it hasn't seen into the range, although nobody asked for clip.",
            "A test value is larger than all training values. Is it illegal?",
            edits=(("np.clip(scaled, low, high) if self.clip else scaled", "np.clip(scaled, low, high)"),),
        ),
        Misconception(
            "only_the_last_chunk",
            ("partial_fit", "channel_stats"),
            "Your partial_fit starts afresh with every chunk.",
            "After two chunks of ten rows, how many rows should n_samples_seen_ count?",
            edits=(
                (
                    "        X = np.asarray(X, dtype=np.float64)\n        seen, n",
                    "        self._forget()\n        X = np.asarray(X, dtype=np.float64)\n        seen, n",
                ),
            ),
        ),
        Misconception(
            "fit_remembers",
            STANDARD,
            "Your fit goes on from what an earlier fit has learned.",
            "Fit one scaler to two tables, one after the other. What should it know of the first one?",
            edits=(
                ("        self._forget()\n        return self.partial_fit(X)", "        return self.partial_fit(X)"),
            ),
        ),
        Misconception(
            "variances_averaged",
            ("partial_fit", "channel_stats"),
            "Your variance is the average of the variances of the chunks.",
            "The first chunk is all 1, the second all 5. What are their variances, and what is the variance of both?",
            edits=((" + gap**2 * seen * n / total) / total", ") / total"),),
        ),
        Misconception(
            "chunks_count_alike",
            ("partial_fit", "channel_stats"),
            "Your mean gives every chunk the same weight, whatever its size.",
            "A chunk of 1000 rows is followed by a chunk of one row. Whose mean should the new one be near?",
            edits=(
                ("self.mean_ + gap * n / total", "self.mean_ + gap / self._chunks"),
                (
                    "        gap = X.mean(axis=0)",
                    "        self._chunks = self._chunks + 1 if seen else 1\n        gap = X.mean(axis=0)",
                ),
            ),
        ),
        Misconception(
            "scale_as_std",
            "channel_stats",
            "Your std of a channel that never changes is 1, the number to divide by instead of it.",
            "What is the standard deviation of a channel in which all pixels are equal?",
            edits=(("return pixels.mean_, np.sqrt(pixels.var_)", "return pixels.mean_, pixels.scale_"),),
        ),
        Misconception(
            "pixels_to_255",
            ("channel_stats", "normalize_images"),
            "Your pixels are on the scale from 0 to 255.",
            "mean and std belong to the scale from 0 to 1. Which number is white there?",
            edits=(
                (".reshape(-1, batch.shape[1]) / 255)", ".reshape(-1, batch.shape[1]))"),
                ("return ((x / 255 - mean)", "return ((x - mean)"),
            ),
        ),
        Misconception(
            "last_axis_is_channels",
            "normalize_images",
            "Your mean and std are lined up with the width of the image, not with its channels.",
            "Which axis of (N, C, H, W) does an array of shape (C,) meet when numpy broadcasts it?",
            edits=(("mean, std = mean[:, np.newaxis, np.newaxis], std[:, np.newaxis, np.newaxis]", "pass"),),
        ),
    ),
    equivalents=(
        Equivalent(
            "return np.where(spread == 0, 1.0, spread)",
            "return np.where(spread <= 0, 1.0, spread)",
            "the largest value minus the smallest is never negative",
        ),
        Equivalent(
            "return values.astype(X.dtype if X.dtype == np.float32 else np.float64)",
            "return values.astype(X.dtype if X.dtype >= np.float32 else np.float64)",
            "types that float32 can be cast to are float32, and float64 itself",
        ),
        Equivalent(
            "pixels.partial_fit(np.moveaxis(batch, 1, -1).reshape(-1, batch.shape[1]) / 255)",
            "pixels.partial_fit(np.moveaxis(batch, 1, -1).reshape(~1, batch.shape[1]) / 255)",
            "numpy takes any negative size for the unknown one",
        ),
        Equivalent(
            "pixels.partial_fit(np.moveaxis(batch, 1, -1).reshape(-1, batch.shape[1]) / 255)",
            "pixels.partial_fit(np.moveaxis(batch, 1, -1).reshape(- 2, batch.shape[1]) / 255)",
            "numpy takes any negative size for the unknown one",
        ),
    ),
)

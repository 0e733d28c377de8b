"""The data sets of real images: what their files hold, and where copies of them are on the net."""

from typing import NamedTuple

from grader.profiles import SIZES

TEST = 10_000  # images in the two t10k files


class File(NamedTuple):
    """One file of a data set. Its name, size in bytes and SHA-256, and those of its original gzip form."""

    name: str
    size: int
    sha256: str
    packed_size: int
    packed_sha256: str

    @property
    def packed(self) -> str:
        return f"{self.name}.gz"

    @property
    def dims(self) -> int:
        """3 for images (n, 28, 28), 1 for labels (n,)."""
        return 3 if "images" in self.name else 1


class DataSet(NamedTuple):
    """A data set in the form of MNIST: four files of 60,000 images for training and 10,000 for testing, with labels."""

    name: str
    title: str
    source: str
    licence: str
    torchvision: str  # how torchvision calls its folder
    mirrors: tuple[str, ...]
    files: tuple[File, ...]

    def needed(self, profile: str) -> list[File]:
        """The files that hold as many images as a profile takes: the t10k files if they do, else all."""
        enough = sum(SIZES[profile]) <= TEST
        return [file for file in self.files if file.name.startswith("t10k") or not enough]


MNIST = DataSet(
    name="mnist",
    title="MNIST",
    source="Yann LeCun, Corinna Cortes, Christopher J. C. Burges, from NIST Special Databases 1 and 3",
    licence="Creative Commons Attribution-ShareAlike 3.0, as https://keras.io/api/datasets/mnist/ states",
    torchvision="MNIST",
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://raw.githubusercontent.com/fgnt/mnist/master/",
    ),
    files=(
        File(
            "train-images-idx3-ubyte",
            47_040_016,
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            9_912_422,
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        ),
        File(
            "train-labels-idx1-ubyte",
            60_008,
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            28_881,
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        ),
        File(
            "t10k-images-idx3-ubyte",
            7_840_016,
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            1_648_877,
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        ),
        File(
            "t10k-labels-idx1-ubyte",
            10_008,
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            4_542,
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
    ),
)

FASHION = DataSet(
    name="fashion-mnist",
    title="Fashion-MNIST",
    source="Han Xiao, Kashif Rasul, Roland Vollgraf, Zalando SE, https://github.com/zalandoresearch/fashion-mnist",
    licence="MIT, Copyright (c) 2017 Zalando SE",
    torchvision="FashionMNIST",
    mirrors=(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    ),
    files=(
        File(
            "train-images-idx3-ubyte",
            47_040_016,
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            26_421_880,
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        ),
        File(
            "train-labels-idx1-ubyte",
            60_008,
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            29_515,
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        ),
        File(
            "t10k-images-idx3-ubyte",
            7_840_016,
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            4_422_102,
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        ),
        File(
            "t10k-labels-idx1-ubyte",
            10_008,
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            5_148,
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ),
    ),
)

SETS = {data.name: data for data in (MNIST, FASHION)}

NAMES = (*SETS, "synthetic")  # of all that can be trained on

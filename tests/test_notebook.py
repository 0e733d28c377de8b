"""`from grader import check`: what a notebook defines is collected, judged as a file would be, and shown."""

import asyncio
import codeop
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from grader import check as lazily
from grader import engine, kit
from grader.errors import CannotJudge, UsageError
from grader.notebook import check, road
from grader.notebook.collecting import Cell, Session, collect
from grader.notebook.page import CARD, SHEET
from grader.notebook.result import Judged, Result
from grader.notebook.session import python
from grader.store import Store

ROOT = Path(__file__).parents[1]
KIT = kit.builtin()
HALF = (ROOT / "docs/attempts/half_finished.py").read_text("utf-8")
SLEEPS = """
import time
class SGD:
    def __init__(self, params, **settings): pass
    def step(self, grads):
        while True: time.sleep(0.01)
"""


@pytest.fixture(autouse=True)
def settings_of_numpy() -> Iterator[None]:
    """What cells set ends with their test."""
    with np.errstate():
        yield


# Collecting


class Run:
    """Cells that are run one after the other in one namespace, as IPython would; a division by zero stops a cell."""

    def __init__(self, *cells):
        self.namespace = {"__name__": "__main__", "__builtins__": __builtins__}
        self.cells = []
        self._compile = codeop.Compile()  # what comes from the future holds for all later cells
        for cell in cells:
            self.run(cell)

    def run(self, cell):
        self.cells.append(Cell(f"cell [{len(self.cells) + 1}]", python(cell)))
        with contextlib.suppress(ZeroDivisionError):
            exec(self._compile(self.cells[-1].text, "cell", "exec"), self.namespace)

    def collected(self, *names, **more):
        return collect(Session("notebook", self.cells, self.namespace, **more), names)

    def again(self, *names, **more):
        """What runs of the collected source define."""
        namespace = {"__name__": "submission"}
        exec(compile(self.collected(*names, **more).source, "collected", "exec", dont_inherit=True), namespace)
        return namespace


ALIKE = {  # cells, and an expression that must give the same in the notebook and in what is collected
    "an import under another name": (["import numpy as np", "def f(x): return np.abs(x)", "x = 1"], "f(-2)"),
    "a star import": (["from math import *", "def f(x): return sqrt(x) + pi"], "f(4)"),
    "a star import that shadows": (["def cos(x): return 0\nfrom math import *", "def f(x): return cos(x)"], "f(0)"),
    "a star import that is shadowed": (["from math import *\ndef cos(x): return 9", "def f(x): return cos(x)"], "f(0)"),
    "helpers that come later": (
        [
            "def f(x): return g(x) + 1",
            "def g(x): return h(x)",
            "def h(x): return K",
            "K = 3",
        ],
        "f(1)",
    ),
    "a later definition wins": (["def f(x): return 1", "def f(x): return 2"], "f(0)"),
    "a helper that is defined again": (["def g(): return 1", "def f(): return g()", "def g(): return 2"], "f()"),
    "a default is of its time": (["LR = 1\ndef f(lr=LR): return lr, LR", "LR = 5"], "f()"),
    "a base class is of its time": (
        ["class A:\n    def go(self): return 1", "class f(A): pass", "class A:\n    def go(self): return 2"],
        "f().go()",
    ),
    "a base class is patched later": (
        ["class A:\n    def go(self): return 1", "class f(A): pass", "def go(self): return K\nA.go = go", "K = 7"],
        "f().go()",
    ),
    "a base class is patched later, and defined again": (
        ["class A:\n    k = 1", "class f(A): pass", "A.k = 2", "class A:\n    k = 3", "A.k = 4"],
        "f().k",
    ),
    "a list that something else holds grows": (
        ["from functools import partial\nT = [1]", "f = partial(list, T)", "T.append(2)\nT.sort(reverse=True)"],
        "f()",
    ),
    "a number that was used counts as it was": (
        ["class G:\n    def __init__(self, k): self.k = k", "n = 3\ng = G(n)", "n += 1", "def f(): return g.k, n"],
        "f()",
    ),
    "a registry that a decorator fills": (
        [
            "REG = {}\n"
            "def reg(name):\n"
            "    def keep(g):\n"
            "        note(name, g)\n"
            "        return g\n"
            "    return keep",
            "def note(name, g): REG[name] = g",
            "@reg('a')\ndef a(x): return b(x)",
            "def b(x): return x + 1",
            "def f(x): return sorted(REG), REG['a'](x)",
        ],
        "f(3)",
    ),
    "a registry that a decorator without arguments fills, of methods": (
        [
            "NAMES = []\ndef reg(g):\n    NAMES.append(g)\n    return g",
            "class A:\n    @reg\n    def go(self): return 5",
            "def f(): return [g(None) for g in NAMES]",
        ],
        "f()",
    ),
    "a registry that is an object": (
        [
            "class R:\n"
            "    def __init__(self): self.t = {}\n"
            "    def add(self, g):\n"
            "        self.t[g.__name__] = g\n"
            "        return g",
            "r = R()",
            "@r.add\ndef a(): return 1",
            "def f(): return r.t['a']()",
        ],
        "f()",
    ),
    "a registry that a call fills": (
        [
            "REG = {}\ndef register(name, g): REG[name] = g",
            "register('a', lambda x: x)",
            "def f(x): return REG['a'](x)",
        ],
        "f(3)",
    ),
    "a registry of a class": (
        [
            "class R:\n    t = {}\n    @classmethod\n    def add(cls, g): cls.t[g.__name__] = g",
            "def a(): return 1\nR.add(a)",
            "def f(): return R.t['a']()",
        ],
        "f()",
    ),
    "a registry that subclasses fill": (
        [
            "T = {}\n"
            "class B:\n"
            "    own = {}\n"
            "    def __init_subclass__(cls, **k):\n"
            "        super().__init_subclass__(**k)\n"
            "        T[cls.__name__] = cls\n"
            "        cls.own[cls.__name__] = cls",
            "class A(B): pass\nclass A2(A): pass",
            "def f(): return sorted(T), sorted(B.own)",
        ],
        "f()",
    ),
    "a registry that a metaclass fills": (
        [
            "T = []\nclass M(type):\n    def __init__(cls, *rest): T.append(cls)",
            "class B(metaclass=M): pass",
            "class A(B): pass",
            "def f(): return [one.__name__ for one in T]",
        ],
        "f()",
    ),
    "subclasses that are asked for": (
        [
            "class B: pass",
            "class A(B):\n    k = 3",
            "def f(): return [one.k for one in B.__subclasses__()]",
        ],
        "f()",
    ),
    "single dispatch": (
        [
            "from functools import singledispatch\n@singledispatch\ndef f(x): return 0",
            "@f.register(int)\ndef _(x): return 1",
            "@f.register\ndef _(x: str): return 2",
        ],
        "f(1), f(''), f(None)",
    ),
    "patched by a function": (
        [
            "class f:\n    def go(self): return 1",
            "def patch(c):\n"
            "    def go(self): return 2\n"
            "    put(c, 'go', go)\n"
            "def put(c, name, value): setattr(c, name, value)",
            "for one in (f,): patch(one)",
        ],
        "f().go()",
    ),
    "changed by another name": (
        [
            "class C:\n    k = 1",
            "c = C()",
            "d = c\ne = d\ne.k = 5",
            "def f(): return c.k",
        ],
        "f()",
    ),
    "changed as a part of something": (
        [
            "class C:\n    k = 1",
            "cs = {1: C()}",
            "for one in cs.values(): one.k = 5",
            "def f(): return cs[1].k",
        ],
        "f()",
    ),
    "a list of a class grows": (
        ["class f:\n    names = ['a']", "f.names.append('b')", "names = f.names\nnames.append('c')"],
        "f.names",
    ),
    "two names that take turns": (
        [
            "class C:\n    k = 1",
            "c = C()",
            "for _ in range(3):\n    d = c\n    c = d\n    d.k += 1",
            "def f(): return c.k",
        ],
        "f()",
    ),
    "a large array to which a helper adds": (
        ["import numpy as np\nW = np.zeros(20_000)\ndef more(x): x += 1", "more(W)", "def f(): return W.sum()"],
        "f()",
    ),
    "large arrays that are written": (
        [
            "import numpy as np\nW = np.zeros(20_000)",
            "np.add(W, 1, out=W)",
            "np.copyto(W, 7, where=W == 0)",
            "rows = W.reshape(2, -1)\nrow = rows[0]\nrow[:] = 3",
            "_ = W.sort()",
            "def f(): return W.sum(), W[0]",
        ],
        "f()",
    ),
    "called for its effect, whatever it returns": (
        [
            "class C:\n    k = 1\n    def update(self):\n        self.k += 1\n        return self",
            "c = C()\n_ = c.update()",
            "d = c.update()",
            "def f(): return c.k",
        ],
        "f()",
    ),
    "bound and changed in one block": (
        [
            "class C:\n    k = 1\nif C.k:\n    c = C()\n    c.k = 5",
            "def f(): return c.k",
        ],
        "f()",
    ),
    "super": (
        [
            "class A:\n    def __init__(self): self.k = K",
            "class f(A):\n    def __init__(self): super().__init__()",
            "K = 4",
        ],
        "f().k",
    ),
    "decorators": (
        [
            "import functools\ndef twice(g):\n    @functools.wraps(g)\n    def w(*a, **k): return 2 * g(*a, **k)\n"
            "    return w",
            "@twice\ndef f(*args, k=1, **rest): return sum(args) * k + len(rest)",
        ],
        "f(1, 2, k=3, z=1)",
    ),
    "decorators without wraps": (
        [
            "def loud(g):\n    return lambda *a: g(*a)",
            "@loud\ndef f(x): return x",
            "@loud\ndef f(x): return x + 1",
        ],
        "f(1)",
    ),
    "a cache": (
        [
            "from functools import lru_cache",
            "@lru_cache(None)\ndef f(n): return n if n < 2 else f(n - 1) + f(n - 2)",
        ],
        "f(20)",
    ),
    "in an if": (["import sys\nif sys.maxsize > 1:\n    def f(): return 1\nelse:\n    def f(): return 2"], "f()"),
    "in a loop": (
        [
            "fs = {}",
            "for i in range(3):\n    def g(i=i): return i\n    fs[i] = g",
            "def f(): return [fs[i]() for i in fs]",
        ],
        "f()",
    ),
    "in a try": (
        [
            "try:\n    import no_such_module as np\nexcept ImportError:\n    np = None",
            "def f(): return np",
        ],
        "f()",
    ),
    "a lambda": (["b = 2\nf = lambda x: x + b"], "f(1)"),
    "a partial": (["from functools import partial\ndef g(a, b, *c): return a - b\nf = partial(g, 5)"], "f(3)"),
    "async": (["import asyncio\nasync def g(): return 3\nasync def f(): return await g()"], "asyncio.run(f())"),
    "a dataclass": (
        [
            "from dataclasses import dataclass, field",
            "@dataclass\nclass P:\n    x: int = 3\n    y: list = field(default_factory=list)",
            "def f(): return P(4)",
        ],
        "repr(f())",
    ),
    "a named tuple and an enum": (
        [
            "from typing import NamedTuple\n"
            "from enum import Enum\n"
            "class P(NamedTuple):\n"
            "    x: int\n"
            "class E(Enum):\n"
            "    A = 1",
            "def f(): return P(E.A.value)",
        ],
        "repr(f())",
    ),
    "annotations from the future": (
        [
            "from __future__ import annotations\nclass Later: pass",
            "def f(x: Unknown) -> None: return x",
        ],
        "f(3)",
    ),
    "names that a class takes over": (["EPS = 3", "class f:\n    EPS = EPS\n    k = EPS + 1"], "f.k"),
    "a property's setter": (
        [
            "class f:\n"
            "    @property\n"
            "    def lr(self): return self._lr\n"
            "    @lr.setter\n"
            "    def lr(self, v): self._lr = v",
            "lr = open\nf0 = f",
        ],
        "f.lr.fset is not None",
    ),
    "constants that are changed later": (
        [
            "TABLE = [1]",
            "TABLE.append(2)\nTABLE[0] = 7",
            "def f(): return TABLE",
            "TABLE += [4]\nTABLE.sort()",
        ],
        "f()",
    ),
    "changed in a loop": (["T = {}", "for k in range(3): T[k] = k * k", "def f(): return T"], "f()"),
    "changed where nobody sees it": (["T = [1, 2]\ndef spoil(x): x.append(3)", "spoil(T)", "def f(): return T"], "f()"),
    "a value from data": (
        [
            "import numpy as np",
            "data = np.arange(12.0).reshape(3, 4)\nmean, sd = data.mean(0), float(data.std())",
            "def f(x): return ((x - mean) / sd).tolist()",
        ],
        "f(1.0)",
    ),
    "numbers of numpy": (
        [
            "import numpy as np\na = np.float32(0.1)\nb = np.int64(3)",
            "def f(): return repr(a), repr(b)",
        ],
        "f()",
    ),
    "infinity": (
        [
            "import math\nlow = -math.inf\nworst = [float('nan'), low]",
            "def f(): return repr(low), repr(worst)",
        ],
        "f()",
    ),
    "monkey patches": (
        [
            "class f:\n    def go(self): return 1",
            "def better(self): return helper()\nf.go = better",
            "def helper(): return 8",
        ],
        "f().go()",
    ),
    "patches with setattr": (["class f: pass", "setattr(f, 'k', 5)"], "f.k"),
    "patches of a class that is defined again": (["class f:\n    k = 1", "f.k = 2", "class f:\n    k = 3"], "f.k"),
    "modules inside of packages": (
        [
            "import xml",
            "import xml.dom.minidom as whatever",
            "def f(): return xml.dom.minidom.parseString('<a/>').documentElement.tagName",
        ],
        "f()",
    ),
    "what settings do": (
        [
            "import decimal",
            "decimal.setcontext(decimal.Context(prec=3))",
            "def f(): return str(decimal.Decimal(1) / 3)",
        ],
        "f()",
    ),
    "an object that is no plain value": (
        [
            "class G:\n    def __init__(self, k): self.k = k\ng = G(3)",
            "g.k = 4",
            "def f(): return g.k",
        ],
        "f()",
    ),
    "a class used at once": (
        [
            "def h(): return 2",
            "class G:\n    def __init__(self): self.k = h()",
            "g = G()",
            "def h(): return 5",
            "def f(): return g.k, h()",
        ],
        "f()",
    ),
    "a walrus": (["print(n := 10)", "def f(): return n"], "f()"),
    "two on a line": (["a = 1; b = 2; c = (a,\n b)", "def f(): return c"], "f()"),
    "signs beyond ASCII": (["α = 0.5; größe = 'ä'", "def f(): return α, größe"], "f()"),
    "text over several lines": (["def f():\n    '''One\n  two\n'''\n    return f.__doc__"], "f()"),
    "a builtin that is shadowed": (["def sum(x): return 'mine'", "def f(): return sum([1])"], "f()"),
    "closures": (
        [
            "def make(k):\n    def inner(x): return x + k + OFFSET\n    return inner",
            "f = make(3)",
            "OFFSET = 100",
        ],
        "f(1)",
    ),
    "comprehensions": (["base = [1, 2]\nf = [x for x in base if x in base]"], "f"),
    "match": (["match 3:\n    case k: pass", "def f(): return k"], "f()"),
    "with": (
        [
            "import io\nwith io.StringIO('text') as stream:\n    first = stream.read()",
            "def f(): return first",
        ],
        "f()",
    ),
    "a deleted helper": (["tmp = [1, 2]\nTABLE = [len(tmp)]\ndel tmp", "def f(): return TABLE"], "f()"),
    "recursion, and two that need each other": (
        [
            "def f(n): return n == 0 or g(n - 1)",
            "def g(n): return n != 0 and f(n - 1)",
        ],
        "f(4)",
    ),
    "a cell that stops halfway": (["def f(): return 1", "1 / 0\ndef f(): return 2"], "f()"),
    "magics": (["%matplotlib inline\nimport math\n!pip list\nmath?", "%%time\ndef f(): return math.pi"], "f()"),
    "an import in the same cell": (
        [
            "import os\nclass f:\n    def go(self): return os.path.join('a', 'b')",
        ],
        "f().go()",
    ),
    "an alias of a library's function": (["import math\nfloor = math.floor", "def f(): return floor(1.5)"], "f()"),
    "an alias of a helper": (["def g(): return 1\nh = g", "def f(): return h()", "def g(): return 2"], "f()"),
    "timed": (["%time k = 3", "def f(): return k"], "f()"),
}  # fmt: skip


@pytest.mark.parametrize("about", ALIKE)
def test_what_is_collected_does_what_the_notebook_does(about):
    cells, expression = ALIKE[about]
    run = Run(*cells)
    again = run.again("f", *(["asyncio"] if "asyncio" in expression else []))
    assert eval(expression, again) == eval(expression, run.namespace)


def test_what_is_not_needed_is_left_out():
    run = Run(
        "import numpy as np\nimport os",
        "print('loading')\ndata = np.zeros(10)\nbig = os.environ",
        "def f(x): return np.sum(x)",
        "losses = [f(data) for _ in range(3)]\nfor loss in losses: print(loss)\nnp.save\nf(1)",
        "np.random.rand(3)",
    )
    assert run.collected("f").source == "# cell [1]\nimport numpy as np\n# cell [3]\ndef f(x): return np.sum(x)\n"


def test_places_are_those_of_the_cells():
    found = Run(
        "import math", "\n\nprint(1)\ndef f(x):\n    return math.sin(x)\nk = len('abc')", "def g(): return k"
    ).collected("f", "g")
    lines = found.source.split("\n")
    assert found.place(lines.index("    return math.sin(x)") + 1) == "cell [2], line 5"
    assert found.place(lines.index("k = 3") + 1) == "`k` as it is now"
    assert found.place(999) == "line 999"


def test_a_state_that_the_functions_change_themselves_starts_anew():
    run = Run(
        "n = 0\nseen = {}\nlog = []",
        "def f(x):\n    global n\n    n += 1\n    seen[x] = n\n    log.append(x)\n    return n, len(seen)",
        "f('a'); f('b')",
    )
    assert run.namespace["n"] == 2
    assert run.again("f")["f"]("c") == (1, 1)


def test_settings_stay_when_a_module_is_imported_once_more():
    run = Run("import math\nimport numpy as np\nnp.seterr(all='warn')", "import numpy as np", "def f(): return np")
    assert "np.seterr(all='warn')\n" in run.collected("f").source
    assert "import math" not in run.collected("f").source


def test_trying_out_is_left_out():
    run = Run(
        "import math\nclass C:\n    made = []\n    def __init__(self, x): C.made.append(x)",
        "W = [object()]\nseen = {}\ndef f(x):\n    seen[x] = C(x)\n    W\n    return len(seen), len(C.made)",
        "f(1)\ny = f(2)\n_ = f(3)\nassert f(4) == (4, 4)\nc = C(5)\nprint(W, f(6))\nlen(W)\nmath.sqrt(2)",
        "def timed(g):\n    def inner(*given):\n        seen[0] = 1\n        return g(*given)\n    return inner",
        "@timed\ndef train(): return f(7)\ntrain()",
        "def copied(x):\n    x = list(x)\n    x[0] = 1\n    return x\ncopied(W)\nz = copied(W)",
    )
    assert run.collected("f").source == (
        "# cell [1]\nclass C:\n    made = []\n    def __init__(self, x): C.made.append(x)\n"
        "# cell [2]\nW = [object()]\nseen = {}\n"
        "def f(x):\n    seen[x] = C(x)\n    W\n    return len(seen), len(C.made)\n"
    )


def test_a_class_changes_nothing_that_is_called_like_a_method_of_its_own():
    run = Run(
        "from functools import singledispatchmethod\nlr, go = max(0.1, 0.2), object()",
        "def f(lr=lr): return lr, go",
        "class Other:\n"
        "    @singledispatchmethod\n    def go(self, x): return 1\n"
        "    @go.register\n    def _(self, x: int): return 2",
        "settings = {'lr': lr}\nsettings['lr'] = 3",
    )
    assert run.collected("f").source == (
        "# cell [1]\nlr, go = max(0.1, 0.2), object()\nlr = 0.2\n# cell [2]\ndef f(lr=lr): return lr, go\n"
    )


def test_data_that_is_too_large_to_be_written_is_made_anew():
    run = Run("import numpy as np\nW = np.arange(100_000.0)", "def f(): return W[-1]")
    assert "W = np.arange(100_000.0)" in run.collected("f").source
    assert run.again("f")["f"]() == 99_999


def test_a_definition_that_no_cell_holds_is_named():
    run = Run("exec('def f(): return 1')")
    with pytest.raises(UsageError, match=r"^`f` isn't as any cell defines it.*`file=`$"):
        run.collected("f")
    run = Run("exec('def g(): return 1')", "def f(): return g()")
    with pytest.raises(UsageError, match=r"^`g`, which f uses, isn't as any cell defines it"):
        run.collected("f")


def test_a_definition_that_was_replaced_elsewhere_is_not_mistaken_for_the_cell_s():
    run = Run(
        "def f(): return 1",
        "class C:\n    def go(self): return 1",
        "exec('def f(): return 2\\nclass C:\\n    def go(self): return 2')",
    )
    for name in ("f", "C"):
        with pytest.raises(UsageError, match=f"`{name}` isn't as any cell"):
            run.collected(name)
    assert "def f(): return 1" in run.collected("f", trusted=True).source


UNSEEN = {  # cells after which `f` runs what no rule can follow
    "a lambda over a lambda": ["f = lambda x: x", "globals()['f'] = lambda x: x + 1"],
    "another function": ["def f(x): return x", "def g(x): return x + 1\nglobals().update(f=g)"],
    "a method": ["class f:\n    def go(self): return 1", "[setattr(c, 'go', lambda self: 2) for c in (f,)]"],
    "a method of a base class": [
        "class A:\n    def go(self): return 1\nclass f(A): pass",
        "def go(self): return 2\ntype.__setattr__(f.__mro__[1], 'go', go)",
    ],
    "a property": ["class f: pass", "def k(self): return 2\ntype.__setattr__(f, 'k', property(k))"],
    "what is wrapped": [
        "def loud(g):\n    return lambda *a: g(*a)\n@loud\ndef f(x): return x",
        "def better(x): return x + 1\nglobals().update(f=loud(better))",
    ],
    "what a table holds": ["T = {}\ndef f(): return T['a']()", "def a(): return 1\n(lambda t: t.update(a=a))(T)"],
}  # fmt: skip


@pytest.mark.parametrize("about", UNSEEN)
def test_code_that_got_there_unseen_is_refused(about):
    run = Run(*UNSEEN[about])
    with pytest.raises(UsageError, match=r"^`[fAT]` now runs code of cell \[2\], line 1, and the cells don't show how"):
        run.collected("f")
    assert run.collected("f", trusted=True).source


def test_code_that_is_only_tried_out_is_not_refused():
    run = Run(
        "seen, hooks = {}, []\n"
        "class G:\n    def __init__(self, g): self.g = g\n"
        "def f(g):\n    seen[g] = G(g)\n    return g(1)",
        "import functools\ndef timed(g):\n    @functools.wraps(g)\n    def inner(*a): return g(*a)\n    return inner",
        "f(lambda x: x)\nhooks.append(lambda: 3)\ntry_out = lambda: f(abs)\nold = f\nf = timed(f)\nf(abs)\nf = old",
    )
    assert "lambda" not in run.collected("f").source


def test_plain_values_and_modules_are_found_wherever_they_come_from():
    run = Run("exec('import math as m\\nK = 3\\nfrom operator import add')", "def f(): return add(m.floor(1.5), K)")
    assert run.again("f")["f"]() == 4


def test_what_the_shell_has_put_there_is_not_collected():
    run = Run("exec('In = [1, 2]')", "def f(): return In")
    assert "In =" not in run.collected("f", hidden={"In"}).source


def test_a_file_beside_the_notebook_is_out_of_reach(tmp_path, monkeypatch):
    (tmp_path / "beside_the_notebook.py").write_text("def g(): return 1\nK = 3\n")
    monkeypatch.syspath_prepend(tmp_path)
    run = Run("from beside_the_notebook import g, K", "def f(): return g()", "def h(): return K")
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry != str(tmp_path)])
    with pytest.raises(UsageError, match=r"beside_the_notebook is .*\.py, which a submission can't import"):
        run.collected("f")
    assert run.again("h")["h"]() == 3  # a plain value needs no import


def test_timeit_binds_nothing():
    assert python("%%timeit\ndef f(): pass") == ""


# A kernel


class Kernel:
    """A real one, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        from jupyter_client.manager import KernelManager

        unset = ("DLGRADE_KIT", "DLGRADE_SPAWN", "DLGRADE_DEBUG", "NO_COLOR", "PYTHONWARNINGS")
        env = {name: value for name, value in os.environ.items() if name not in unset}
        env |= {"DLGRADE_STATE": str(folder), "IPYTHONDIR": str(folder), "OPENBLAS_NUM_THREADS": "1"}
        self._manager = KernelManager(kernel_name="python3", transport="ipc", ip=str(folder / "kernel"))
        self._manager.start_kernel(env=env, cwd=str(folder))
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)

    def run(self, code: str, interrupted: bool = False) -> list[dict]:
        """All that a cell shows. interrupted: once it says that it is `busy`."""
        message = self._client.execute(code)
        shown = []
        while True:
            heard = self._client.get_iopub_msg(timeout=60)
            if heard["parent_header"].get("msg_id") != message:
                continue
            if interrupted and heard["content"].get("text") == "busy":
                time.sleep(0.3)
                self._manager.interrupt_kernel()
            if heard["content"].get("execution_state") == "idle":
                return shown
            shown.append({"kind": heard["msg_type"], **heard["content"]})

    def value(self, expression: str):
        """The value of an expression, which must be plain."""
        shown = [one["text"] for one in self.run(f"import json; print(json.dumps({expression}))") if "text" in one]
        return json.loads("".join(shown))

    def error(self, code: str) -> list[str]:
        """The lines of the traceback that a cell shows."""
        (found,) = [one["traceback"] for one in self.run(code) if one["kind"] == "error"]
        return found

    def reset(self) -> None:
        assert not [one for one in self.run("%reset -f") if one["kind"] == "error"]
        self.run("from grader import check")

    def end(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel()
        self._manager.cleanup_resources()


@pytest.fixture(scope="module")
def live(tmp_path_factory) -> Iterator[Kernel]:
    kernel = Kernel(tmp_path_factory.mktemp("kernel"))
    yield kernel
    kernel.end()


@pytest.fixture
def kernel(live: Kernel) -> Kernel:
    live.reset()
    return live


def in_cells(source: str) -> list[str]:
    """A file as somebody would write it into cells: imports, constants and helpers first, a class or function each."""
    lines, cells = source.splitlines(keepends=True), [""]
    for line in lines:
        if re.match(r"@|def |class |async ", line) and not re.match("@", cells[-1].rstrip().rpartition("\n")[2]):
            cells.append("")
        cells[-1] += line
    return [cell for cell in cells if cell.strip()]


def plain(report: dict) -> dict:
    """A report without what is measured, and without what the submission is called."""
    return {name: value for name, value in report.items() if name not in ("seconds", "submission")}


SOLVED = [
    "2",
    "4",
    "5",
    "7",
    "8",
    "9",
    "11",
    "12",
    "12-1",
    "12-3",
    "13-3",
    "15",
    "16",
    "16-1",
    "17",
    "17-3",
    "18-2",
    "20-2",
]
ATTEMPTS = ["adam_without_bias_correction.py", "half_finished.py", "endless_loop.py"]


@pytest.mark.parametrize("what", [*SOLVED, *ATTEMPTS])
def test_verdicts_are_those_of_the_command_line(kernel: Kernel, what: str):
    entry = kit.find(KIT, what if what in SOLVED else "17")
    path = entry.solution if what in SOLVED else ROOT / "docs/attempts" / what
    expected = engine.judge(entry, path.read_bytes(), path.name, 3)["report"]
    cells = in_cells(path.read_text("utf-8"))
    assert len(cells) > 1
    for number, cell in enumerate(cells):
        magic = ["", "%%time\n", "%time\n"][number % 3]
        assert not [one for one in kernel.run(magic + cell) if one["kind"] == "error"]
    found = kernel.value(f'check("{entry.number}", seed=3).report')
    assert plain(found) == plain(expected)


def test_a_kernel_shows_a_card_and_text(kernel: Kernel):
    kernel.run(HALF)
    shown = kernel.run('r = check("17", SGD)\nr')
    (data,) = [one["data"] for one in shown if one["kind"] == "execute_result"]
    assert set(data) == {"text/plain", "text/html"}
    assert data["text/plain"].startswith("17 · sgd rmsprop adam   notebook\n") and "\x1b" not in data["text/plain"]
    assert "not defined" in data["text/plain"] and "your file" not in data["text/plain"] + data["text/html"]
    facts = kernel.value("[r.passed, r.verdict, r.score, r.report['schema'], 'class SGD' in r.source]")
    assert facts == [False, "failed", 0.25, "dlgrade/report/1", True]
    everything = kernel.value('repr(check("17", SGD, all=True))')
    assert everything.startswith("17 · ")


def test_a_kernel_shows_errors_as_one_line(kernel: Kernel):
    assert kernel.error('check("99")') == ["dlgrade: no exercise 99; did you mean 9 (rbm_cd1) or 19 (torch_cnn_mnist)?"]
    (line,) = kernel.error('check("17")')
    assert line.startswith("dlgrade: nothing here to check: define `SGD`, `RMSprop`, `Adam` or `AdamW`")
    (line,) = kernel.error('exec("class Adam:\\n    def step(self): pass")\ncheck("17")')
    assert line.startswith("dlgrade: `Adam` isn't as any cell defines it")
    kernel.run("logits = 3")
    assert "nothing here to check" in kernel.error('check("18")')[0]


def test_lines_are_told_as_those_of_cells(kernel: Kernel):
    kernel.run("class SGD:\n    def __init__(self, params, **settings):\n        raise ValueError('no')")
    number = kernel.value("len(In) - 1") - 1
    html = kernel.value('check("17")._repr_html_()')
    assert f"cell [{number}], line 3 in __init__:  raise ValueError(&#x27;no&#x27;)" in html


def test_an_interrupt_stops_a_check_and_the_next_one_works(kernel: Kernel):
    kernel.run(SLEEPS)
    shown = kernel.run('print("busy", end="", flush=True)\ncheck("17")', interrupted=True)
    assert [one["traceback"] for one in shown if one["kind"] == "error"] == [["dlgrade: stopped"]]
    kernel.run(HALF)
    assert kernel.value('check("17").score') == 0.25


def test_threads_and_an_event_loop_that_is_running(kernel: Kernel):
    kernel.run(HALF)
    kernel.run("import asyncio\nfound = await asyncio.gather(*(asyncio.to_thread(check, '17') for _ in range(3)))")
    assert kernel.value("[one.score for one in found]") == [0.25] * 3


def test_the_judge_stays_and_a_copy_of_the_session_has_its_own(kernel: Kernel):
    kernel.run(HALF)
    judges = "__import__('subprocess').run(['pgrep', '-P', str(os.getpid())], capture_output=True, text=True).stdout"
    kernel.run(f"import os\ncheck('17')\nbefore = {judges}.split()\ncheck('17')\nafter = {judges}.split()")
    assert kernel.value("len(set(before) & set(after))") >= 1  # one for each set of libraries so far
    child = "pid = os.fork()\nif pid == 0: os._exit(7 if check('17').score == 0.25 else 1)"
    kernel.run(child)
    assert kernel.value("os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])") == 7
    assert kernel.value("check('17').score") == 0.25


def test_a_training_is_left_out_unless_it_is_asked_for(kernel: Kernel, tmp_path):
    path = kit.find(KIT, "18").solution
    kernel.run(f"path = {str(path)!r}\nr = check('18', file=path)")
    assert kernel.value("[r.verdict, r.report['training']]") == ["failed", None]
    assert "train=True" in kernel.value("r._repr_html_()")
    shown = kernel.run("check('18', file=path, train=True).verdict")
    assert any("the solution trains" in one.get("text", "") for one in shown)
    assert [one["data"]["text/plain"] for one in shown if one["kind"] == "execute_result"] == ["'passed'"]


# Without IPython


def python_run(*arguments: str, **more) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=60, cwd=ROOT, **more)


def test_a_script_checks_what_it_defines(tmp_path):
    script = tmp_path / "mine.py"
    script.write_text(
        f"from grader import check\n{HALF}\nprint('once')\nif __name__ == '__main__':\n    print(check('17'))\n"
    )
    done = python_run(str(script))
    assert done.stderr == "" and done.stdout.startswith("once\n17 · sgd rmsprop adam   mine.py\n\n  ✓ SGD")
    assert done.stdout.count("once") == 1


def test_definitions_of_another_module(tmp_path, monkeypatch):
    (tmp_path / "of_another_module.py").write_text(HALF)
    monkeypatch.syspath_prepend(tmp_path)
    import of_another_module

    found = check("17", of_another_module.SGD)
    assert (found.score, found.report["submission"]) == (0.25, "of_another_module.py")
    with pytest.raises(UsageError, match=r"^deepcopy is not what the exercise asks for; give what is called `SGD`"):
        from copy import deepcopy

        check("17", deepcopy)


def test_an_interrupt_while_definitions_are_collected_is_one_line(monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("grader.notebook.session.find", interrupted)
    with pytest.raises(KeyboardInterrupt) as caught:
        check("17")
    assert caught.value._render_traceback_() == ["dlgrade: stopped"]


def test_a_session_without_source_says_so():
    done = python_run("-c", "from grader import check\nclass SGD: pass\ncheck('17')")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(
        "grader.errors.UsageError: this session keeps no source; use IPython"
    )


def test_importing_grader_loads_nothing():
    code = "import sys, grader; print([name for name in sys.modules if name.startswith('grader.')])"
    assert python_run("-c", code).stdout == "[]\n"
    code = (
        "from grader import check; import sys; print([n for n in ('IPython', 'numpy', 'pydantic') if n in sys.modules])"
    )
    assert python_run("-c", code).stdout == "[]\n"


def test_the_name_is_there_and_others_are_not():
    assert lazily is check
    import grader

    with pytest.raises(AttributeError, match="module 'grader' has no attribute 'nothing'"):
        _ = grader.nothing
    assert "check" in grader.__all__


def test_a_file_a_seed_and_the_record():
    entry = kit.find(KIT, "17")
    found = check(17, file=str(entry.solution), seed=5)
    assert found.passed and found.report["seed"] == 5 and "class Adam" in found.source
    assert Store(entry.kit).progress()["17"].solved
    for wrong, message in [({"seed": -1}, "seed=-1"), ({"file": "nowhere.py"}, "nowhere.py can't be read")]:
        with pytest.raises(UsageError, match=message):
            check("17", **wrong)
    with pytest.raises(UsageError, match="either definitions or"):
        check("17", check, file=entry.solution)


def test_a_process_of_its_own_judges_where_nothing_is_forked(monkeypatch):
    monkeypatch.setenv("DLGRADE_SPAWN", "1")
    monkeypatch.setattr(np.testing, "assert_allclose", None)  # what a session has changed reaches no judge
    solution = kit.find(KIT, "12-3").solution
    assert check("12-3", file=solution).passed


def test_a_store_that_can_not_be_written_costs_no_verdict(monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DLGRADE_STATE", str(tmp_path / "file" / "state"))
    assert check("12-3", file=kit.find(KIT, "12-3").solution).passed
    assert "dlgrade: not recorded" in capsys.readouterr().err


def test_a_judge_that_is_gone_is_replaced():
    solution = kit.find(KIT, "12-3").solution
    assert check("12-3", file=solution).passed
    for warm in road._staying._lanes._warm.values():
        os.kill(warm._pid, signal.SIGKILL)
    with contextlib.suppress(CannotJudge):  # a judge that had stayed says so; the next one is new
        check("12-3", file=solution)
    assert check("12-3", file=solution).passed
    road.close()
    assert check("12-3", file=solution).passed


def test_checks_at_once_from_threads():
    solution, found = kit.find(KIT, "12-3").solution, []
    threads = [threading.Thread(target=lambda: found.append(check("12-3", file=solution).passed)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 3
    assert asyncio.run(asyncio.to_thread(check, "12-3", file=solution)).passed


# The card


class Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]


EVIL = '</pre></style></details><script>alert(1)</script><img src=x onerror=alert(1)>" onload="x\x1b[2J'


TAGS = {"div", "style", "h2", "h3", "h4", "p", "span", "table", "caption", "thead", "tbody", "tr", "th", "td"}
TAGS |= {"code", "pre", "details", "summary", "bdi", "footer"}


@pytest.fixture
def hostile() -> Result:
    entry = kit.find(KIT, "17")
    head = "class SGD:\n    def __init__(self, params, **settings):\n"
    source = f"{head}        print({EVIL!r})\n        raise ValueError({EVIL!r})\n"
    answer = engine.judge(entry, source.encode(), f"{EVIL}.py".replace("/", ""), 0)
    return Result(answer, Judged(source.encode(), None), False)


def test_hostile_text_stays_text(hostile: Result):
    html = hostile._repr_html_()
    found = Elements()
    found.feed(html)
    assert set(found.tags) <= TAGS
    assert set(found.attributes) <= {"class", "scope", "aria-hidden", "open"}
    assert html.count("alert(1)") > 3 and "\x1b" not in html
    assert "\x1b" not in repr(hostile)


def test_words_of_files_and_options_are_those_of_a_notebook_but_not_in_what_somebody_wrote(hostile: Result):
    words = "`--all` not in your file"
    source = hostile.source.replace("raise ValueError(", f"raise ValueError({words!r} + ")
    answer = engine.judge(kit.find(KIT, "17"), source.encode(), "notebook", 0)
    found = Result(answer, Judged(source.encode(), None), False)
    html = found._repr_html_()
    assert "> not defined<" in html and "> not in your file<" not in html
    assert words in html and "all=True" not in html
    text = " ".join(repr(found).split())
    assert "not defined" in text and "; `all=True` shows them" in text and words in text


def test_the_card_loads_nothing_and_its_style_stays_inside(hostile: Result):
    html = hostile._repr_html_()
    assert not re.search(r"url\(|@import|https?:|<script|<link", html)
    flat = re.sub(r"@media \(prefers-color-scheme: dark\) \{([^{}]*\{[^{}]*\}) \}", r"\1", SHEET)
    selectors = [one.strip() for rule in re.findall(r"([^{}]+)\{", flat) for one in rule.split(",")]
    assert len(selectors) > 60
    assert all(CARD in one for one in selectors)


def test_both_themes_set_every_colour():
    used = set(re.findall(r"var\((--[\w-]+)\)", SHEET))
    blocks = [set(re.findall(r"(--[\w-]+):", block)) for block in re.findall(r"\{([^{}]*--ink:[^{}]*)\}", SHEET)]
    assert len(blocks) == 4
    assert all(used <= block for block in blocks)


def test_what_passed_looks_like_it():
    result = check("12-3", file=kit.find(KIT, "12-3").solution)
    html = result._repr_html_()
    assert "✓</span> passed" in html and "Stuck?" not in html and "Cases to look at" not in html
    assert repr(result).endswith(" s") and "passed · 4 of 4 parts" in repr(result)

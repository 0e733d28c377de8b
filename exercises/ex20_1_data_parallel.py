"""20-1 · You have two GPUs. How do you use both?

Data parallelism: every worker (a *rank*, from 0 to world_size - 1) holds the same weights, computes gradients on its
own share of the batch, and all of them exchange gradients before they take the same step. Done right, W workers
compute exactly what one worker computes. Build the pieces: shares, averaging, the ring that carries it, and training,
first simulated in one process and then as the code that one rank runs.

Rules for all parts:

* A gradient belongs to a *mean* loss over rows. Shares may differ in size, and some may be empty (more ranks than
  rows).
* Floating results keep the dtype of what comes in. Arguments stay as they are, and results are new arrays, unless
  said otherwise.
* "Equal" means up to rounding.

Sources: Li et al. 2020, PyTorch Distributed (arXiv:2006.15704); Patarasuk & Yuan 2009, Bandwidth optimal all-reduce
(https://doi.org/10.1016/j.jpdc.2008.09.002); https://docs.pytorch.org/docs/stable/notes/ddp.html
"""

from collections.abc import Callable

import numpy as np
import torch


def shard(n: int, world_size: int, rank: int) -> np.ndarray:
    """The row numbers of a rank: consecutive rows of 0 ... n - 1, int64, ascending; empty if there are too few rows.

    All shares together are all rows. The first n % world_size ranks get one row more than the others.
    Raises ValueError unless 0 <= rank < world_size.
    """
    # TODO: where does the share of a rank begin, where does it end?
    raise NotImplementedError


def allreduce_mean_grads(local_grads: list[dict[str, np.ndarray]], local_sizes: list[int]) -> dict[str, np.ndarray]:
    """The gradients of the mean loss over all rows, from those of the mean losses over each rank's rows.

    local_grads[r]: gradients by name, the same names and shapes on all ranks; local_sizes[r]: the number of rows they
    are the mean over. A rank without rows counts for nothing, whatever its gradients hold (a mean over no rows is NaN).

    Raises ValueError if there are no rows at all.
    """
    # TODO: the mean of all rows is not the mean of the ranks' means. With which weights is it?
    raise NotImplementedError


def ddp_loss_scale(local_n: int, global_n: int, world_size: int) -> float:
    """The factor for a rank's mean loss that makes DistributedDataParallel exact for shares of different sizes.

    DDP adds up the gradients of all ranks and divides by world_size, whatever the sizes of the shares. local_n rows are
    on this rank, global_n on all ranks together (at least 1).
    """
    # TODO: with equal shares the factor is 1.
    raise NotImplementedError


def ring_all_reduce(buffers: list[np.ndarray]) -> tuple[list[np.ndarray], list[int]]:
    """All-reduce over a ring, simulated: each rank ends up with the sum of all p buffers and sends as little as it can.

    buffers[r]: the data of rank r, (n,), of the same dtype on all ranks. Each is cut into p chunks, of which the first
    n % p have one element more. In every step all ranks send one chunk to their neighbour r + 1 (mod p), at the same
    time. In step s = 0 ... p - 2 of the first round, rank r sends its chunk (r - s) mod p, and the neighbour adds it to
    its own: afterwards rank r holds the finished chunk (r + 1) mod p. In step s of the second round, rank r sends
    chunk (r + 1 - s) mod p, and the neighbour puts it in place of its own.

    Returns the p sums, each an array of its own, and the number of elements that each rank has sent. A single rank
    sends nothing. Source: Patarasuk & Yuan 2009.
    """
    # TODO: two rounds of p - 1 steps, in each of which every rank sends one chunk.
    raise NotImplementedError


def dp_train(
    model_fn: Callable[[], torch.nn.Module],
    X: torch.Tensor,
    y: torch.Tensor,
    world_size: int,
    lr: float,
    steps: int,
    batch_size: int,
) -> dict[str, torch.Tensor]:
    """Trains with world_size simulated ranks, one after the other in this process; returns the parameters by name.

    model_fn() returns a new model; other calls may return other initial weights, and those of the *first* call count
    for all ranks. The loss is the mean cross-entropy for integer y (n,), the mean squared error over all elements for
    floating y, which then has the shape of the model's output. The optimizer is plain SGD.

    Step t (from 0) takes the rows t * batch_size, ..., t * batch_size + batch_size - 1, counted modulo n. `shard` says
    which of these batch_size places a rank gets. Each rank that has rows sends them through the model once per step,
    and nothing else goes through the model; ranks without rows sit the step out. The result equals that of
    world_size=1.

    Returns {name: tensor on the CPU}, as model.named_parameters() names them.
    """
    # TODO: in each step one gradient per rank, one average, one update.
    raise NotImplementedError


def ddp_worker(model: torch.nn.Module, X: torch.Tensor, y: torch.Tensor, comm, lr: float, steps: int) -> dict:
    """What one rank runs: trains its own `model` in step with all other ranks; returns its parameters by name.

    All ranks call this function at the same time, each with its own model (of the same form, but with other initial
    weights), its own rows X, y (k, ...), integer classes y (k,), k possibly 0 or another number on each rank, and the
    same lr and steps. The weights of rank 0 are to be everybody's initial weights. Each step is plain SGD on the mean
    cross-entropy over *all rows of all ranks*. The model is changed in place.

    Ranks know of each other only through comm:

    - comm.rank, comm.world_size;
    - comm.broadcast(tensor, src): the values of rank src overwrite this tensor on all other ranks;
    - comm.all_reduce(tensor): the sum over all ranks overwrites this tensor on every rank.

    Both take a torch tensor (a parameter, too), change it in place, return nothing, and wait until all ranks have made
    the same call with a tensor of the same shape and dtype. If ranks make different calls, or one returns while others
    wait, the waiting ones get a RuntimeError. So a rank without rows takes part in every call all the same.
    When this is checked, ranks are threads of one process that meet in memory: keep nothing in global variables.

    Returns {name: tensor on the CPU}, equal on all ranks.
    """
    # TODO: the same start; then, in each step, local gradients, a weight that fits this rank's share, exchange.
    raise NotImplementedError

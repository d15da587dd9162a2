"""What every method asks of the arrays it is handed."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def numbers(
    name: str, values: ArrayLike, *, dimensions: int | None = None, missing: bool = False
) -> Floats:
    """Return `values` as float64, refused when empty, infinite or of another rank.

    Parameters
    ----------
    name : str
        What the caller knows the array as; used in the sentence.
    values : array_like
        The array.
    dimensions : int, optional
        The rank it must have.
    missing : bool
        Whether NaN is allowed.

    Returns
    -------
    ndarray of float64
        The same numbers; not a copy when it is float64 already.

    Raises
    ------
    ValueError
        Not numeric, wrong rank, empty, infinite, or NaN where none is allowed.
    """
    array: NDArray[Any] = np.asarray(values)
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name} must hold numbers, not {array.dtype}.")
    if dimensions is not None and array.ndim != dimensions:
        raise ValueError(
            f"{name} must have {dimensions} dimension(s), but its shape is {array.shape}."
        )
    if array.size == 0:
        raise ValueError(f"{name} is empty.")
    result = array.astype(np.float64, copy=False)
    if np.isinf(result).any():
        raise ValueError(f"{name} holds infinite values.")
    if not missing and np.isnan(result).any():
        raise ValueError(f"{name} holds NaN, which is not allowed here.")
    return result


def codes(name: str, values: ArrayLike, *, length: int, count: int) -> Ints:
    """Return `values` as int64 codes from 0 to `count` - 1, one for each of `length` rows.

    Parameters
    ----------
    name : str
        What the caller knows the array as.
    values : array_like of int, shape (length,)
        The codes.
    length : int
        How many there must be.
    count : int
        One more than the largest allowed code.

    Returns
    -------
    ndarray of int64, shape (length,)

    Raises
    ------
    ValueError
        Not whole numbers, wrong length, or a code out of range.
    """
    array: NDArray[Any] = np.asarray(values)
    if array.dtype.kind not in "iu":
        raise ValueError(f"{name} must hold integer codes, not {array.dtype}.")
    if array.shape != (length,):
        raise ValueError(f"{name} must have shape ({length},), not {array.shape}.")
    result = array.astype(np.int64, copy=False)
    if length and (int(result.min()) < 0 or int(result.max()) >= count):
        raise ValueError(
            f"{name} must lie in 0..{count - 1}, but goes from {result.min()} to {result.max()}."
        )
    return result


def square(name: str, values: ArrayLike, *, size: int | None = None) -> Floats:
    """Return a symmetric matrix, of side `size` when given, made exactly symmetric.

    Raises
    ------
    ValueError
        Not square, of another side, or not symmetric to a relative 1e-8.
    """
    matrix = numbers(name, values, dimensions=2)
    side = matrix.shape[0] if size is None else size
    if matrix.shape != (side, side):
        raise ValueError(f"{name} must have shape ({side}, {side}), not {matrix.shape}.")
    if not np.allclose(matrix, matrix.T, rtol=1e-8, atol=1e-8 * float(np.abs(matrix).max())):
        raise ValueError(f"{name} must be symmetric.")
    symmetric: Floats = (matrix + matrix.T) / 2
    return symmetric


def share(name: str, value: float) -> float:
    """Return `value` when it lies strictly between 0 and 1.

    Raises
    ------
    ValueError
        It does not.
    """
    if not 0.0 < value < 1.0:
        raise ValueError(f"{name} must lie between 0 and 1, not {value}.")
    return float(value)

"""Pooling a programme's own moments with a reference set.

The public name is re-exported by :mod:`surveyapp.scoring.state`.
"""

import numpy as np

from surveyapp.scoring.arrays import Floats
from surveyapp.scoring.moments import Moments


def pool(moments: Moments, reference: Moments, *, nu: float = 100.0, kappa: float = 5.0) -> Moments:
    """Pool a programme's own moments with a reference set, which becomes part of the prior.

    Parameters
    ----------
    moments : Moments
        The programme's own, from :func:`estimate_moments`. What they leave untold (NaN) is taken
        from the reference.
    reference : Moments
        The reference set, complete.
    nu : float
        Relationships the reference counts as for covariances; 0 or more.
    kappa : float
        Relationships it counts as for the mean; 0 or more.

    Returns
    -------
    Moments
        With A own relationships: covariances (A own + nu ref) / (A + nu); the mean k own +
        (1 - k) ref, k = A / (A + kappa); its covariance k^2 own + (1 - k)^2 ref. `n_groups` stays
        A. An own mean whose covariance is untold (a single relationship) gets Omega + Sigma, the
        largest it can be.

    Raises
    ------
    ValueError
        Shapes differ, the reference is incomplete, or nu or kappa is negative.

    References
    ----------
    Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., sec. 3.6 (normal-inverse-Wishart with
    prior sample sizes kappa and nu).
    """
    size = moments.mean.shape[0]
    if reference.mean.shape != (size,):
        raise ValueError(
            f"The moments have {size} entries but the reference has {reference.mean.shape[0]}."
        )
    parts = (reference.mean, reference.between, reference.within, reference.mean_covariance)
    if any(bool(np.isnan(part).any()) for part in parts):
        raise ValueError("The reference has parts that are not known, so it cannot fill any gap.")
    if nu < 0 or kappa < 0:
        raise ValueError(f"nu and kappa must be 0 or more, not {nu} and {kappa}.")
    groups = moments.n_groups
    own_share = groups / (groups + nu) if groups else 0.0
    between = _mix(moments.between, reference.between, own_share)
    within = _mix(moments.within, reference.within, own_share)
    own_mean_covariance = np.where(
        np.isnan(moments.mean_covariance), between + within, moments.mean_covariance
    )
    k = np.where(np.isnan(moments.mean), 0.0, groups / (groups + kappa) if groups else 0.0)
    mean_covariance = (
        np.outer(k, k) * own_mean_covariance + np.outer(1 - k, 1 - k) * reference.mean_covariance
    )
    return Moments(
        mean=k * np.nan_to_num(moments.mean) + (1 - k) * reference.mean,
        between=between,
        within=within,
        mean_covariance=mean_covariance,
        n_groups=groups,
        identified=True,
    )


def _mix(own: Floats, reference: Floats, own_share: float) -> Floats:
    """Weighted mean of two covariances; an untold entry keeps the reference's correlations."""
    untold = np.isnan(np.diag(own))
    mixed = np.where(
        np.isnan(own), reference, own_share * np.nan_to_num(own) + (1 - own_share) * reference
    )
    if untold.all() or not untold.any():
        return mixed
    # reference correlations across, but the told block's own spread: stays positive by construction
    told = np.flatnonzero(~untold)
    rest = np.flatnonzero(untold)
    inside = np.ix_(told, told)
    slope = reference[np.ix_(rest, told)] @ np.linalg.pinv(reference[inside], hermitian=True)
    residual = reference[np.ix_(rest, rest)] - slope @ reference[np.ix_(told, rest)]
    mixed[np.ix_(rest, told)] = slope @ mixed[inside]
    mixed[np.ix_(told, rest)] = mixed[np.ix_(rest, told)].T
    mixed[np.ix_(rest, rest)] = residual + slope @ mixed[inside] @ slope.T
    return mixed

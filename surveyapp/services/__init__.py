"""Use cases: ``verb(session, thing, *, by, at)``. They flush, never commit, and know no Flask."""

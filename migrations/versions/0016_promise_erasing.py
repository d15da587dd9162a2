"""Freeze with each launched wave how long unsent answers are kept, and count what was erased.

Waves launched before promised what the setting says now, so it is read from there.

Revision ID: 0016_promise_erasing
Revises: 0015_index_lists
"""

import os

import sqlalchemy as sa
from alembic import op

revision = '0016_promise_erasing'
down_revision = '0015_index_lists'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('wave', schema=None) as batch_op:
        batch_op.add_column(sa.Column('unsent_days', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('unsent_erased', sa.JSON(), server_default='{}', nullable=False))
    wave = sa.table('wave', sa.column('unsent_days'), sa.column('launched_at'))
    told = int(os.environ.get('SURVEYAPP_UNSENT_DAYS') or '30')
    op.execute(wave.update().where(wave.c.launched_at.is_not(None)).values(unsent_days=told))


def downgrade() -> None:
    with op.batch_alter_table('wave', schema=None) as batch_op:
        batch_op.drop_column('unsent_erased')
        batch_op.drop_column('unsent_days')

"""Note of a closed wave when what was typed and not sent was erased.

Revision ID: 0014_erase_unsent
Revises: 0013_count_waves
"""

import sqlalchemy as sa
from alembic import op

revision = '0014_erase_unsent'
down_revision = '0013_count_waves'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('wave', schema=None) as batch_op:
        batch_op.add_column(sa.Column('unsent_erased_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('wave', schema=None) as batch_op:
        batch_op.drop_column('unsent_erased_at')

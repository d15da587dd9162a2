"""Keep chosen languages: a respondent who switched reads on in that language, pages and mail.

Revision ID: 0008_keep_chosen_languages
Revises: 0007_keep_archives
"""

import sqlalchemy as sa
from alembic import op

revision = '0008_keep_chosen_languages'
down_revision = '0007_keep_archives'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('invitation', schema=None) as batch_op:
        batch_op.add_column(sa.Column('locale', sa.String(length=35), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('invitation', schema=None) as batch_op:
        batch_op.drop_column('locale')

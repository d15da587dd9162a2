"""Keep archives: all scorecards of a run in one ZIP.

Revision ID: 0007_keep_archives
Revises: 0006_keep_uploaded_files
"""

import sqlalchemy as sa
from alembic import op

revision = '0007_keep_archives'
down_revision = '0006_keep_uploaded_files'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('scorecard_archive',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('run_id', sa.Uuid(), nullable=False),
    sa.Column('pack', sa.String(length=64), nullable=False),
    sa.Column('pack_hash', sa.String(length=64), nullable=False),
    sa.Column('locale', sa.String(length=16), nullable=False),
    sa.Column('state', sa.Enum('queued', 'ready', name='scorecardstate', native_enum=False, length=32), nullable=False),
    sa.Column('file_sha256', sa.String(length=64), nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('documents', sa.Integer(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('completed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'ready') = (completed_at IS NOT NULL)", name=op.f('ck_scorecard_archive_ready_has_time')),
    sa.CheckConstraint("state <> 'ready' OR file_sha256 <> ''", name=op.f('ck_scorecard_archive_ready_has_file')),
    sa.ForeignKeyConstraint(['programme_id', 'run_id'], ['score_run.programme_id', 'score_run.id'], name=op.f('fk_scorecard_archive_programme_id_run_id_score_run')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_scorecard_archive_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scorecard_archive')),
    sa.UniqueConstraint('run_id', 'pack_hash', 'locale', name=op.f('uq_scorecard_archive_run_id_pack_hash_locale'))
    )


def downgrade() -> None:
    op.drop_table('scorecard_archive')

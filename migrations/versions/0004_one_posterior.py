"""Keep one posterior a run: its arrays, change since the last wave, and sets it is read against.

Revision ID: 0004_one_posterior
Revises: 0003_keep_facts
"""

import sqlalchemy as sa
from alembic import op

revision = '0004_one_posterior'
down_revision = '0003_keep_facts'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('reference_set',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('view', sa.Enum('buyer-on-supplier', 'supplier-on-buyer', 'supplier-on-itself', name='view', native_enum=False, length=32), nullable=False),
    sa.Column('origin', sa.Enum('own', 'imported', name='referenceorigin', native_enum=False, length=32), nullable=False),
    sa.Column('wave_id', sa.Uuid(), nullable=True),
    sa.Column('relationships', sa.Integer(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('frozen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.String(length=200), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('relationships >= 30', name=op.f('ck_reference_set_enough_relationships')),
    sa.CheckConstraint("(origin = 'own') = (wave_id IS NOT NULL)", name=op.f('ck_reference_set_own_names_its_wave')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_reference_set_programme_id_programme')),
    sa.ForeignKeyConstraint(['programme_id', 'wave_id'], ['wave.programme_id', 'wave.id'], name=op.f('fk_reference_set_programme_id_wave_id_wave')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reference_set')),
    sa.UniqueConstraint('programme_id', 'id', name=op.f('uq_reference_set_programme_id_id')),
    sa.UniqueConstraint('programme_id', 'view', 'name', name=op.f('uq_reference_set_programme_id_view_name'))
    )
    with op.batch_alter_table('score_run', schema=None) as batch_op:
        batch_op.add_column(sa.Column('posterior_hash', sa.String(length=64), server_default='', nullable=False))

    with op.batch_alter_table('score', schema=None) as batch_op:
        batch_op.add_column(sa.Column('change_z', sa.Double(), nullable=True))
        batch_op.add_column(sa.Column('change_z_standard_error', sa.Double(), nullable=True))
        batch_op.add_column(sa.Column('is_changed', sa.Boolean(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('score', schema=None) as batch_op:
        batch_op.drop_column('is_changed')
        batch_op.drop_column('change_z_standard_error')
        batch_op.drop_column('change_z')

    with op.batch_alter_table('score_run', schema=None) as batch_op:
        batch_op.drop_column('posterior_hash')

    op.drop_table('reference_set')

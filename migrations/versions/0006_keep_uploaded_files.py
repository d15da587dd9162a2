"""Keep uploaded files: what was handed in for an item, and where its bytes are.

Revision ID: 0006_keep_uploaded_files
Revises: 0005_keep_promises
"""

import sqlalchemy as sa
from alembic import op

revision = '0006_keep_uploaded_files'
down_revision = '0005_keep_promises'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('uploaded_file',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('assignment_id', sa.Uuid(), nullable=False),
    sa.Column('item_id', sa.String(length=100), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('media_type', sa.String(length=100), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('size > 0', name=op.f('ck_uploaded_file_size_positive')),
    sa.ForeignKeyConstraint(['programme_id', 'assignment_id'], ['assignment.programme_id', 'assignment.id'], name=op.f('fk_uploaded_file_programme_id_assignment_id_assignment')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_uploaded_file_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_uploaded_file'))
    )
    with op.batch_alter_table('uploaded_file', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_uploaded_file_assignment_id_item_id'), ['assignment_id', 'item_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('uploaded_file', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_uploaded_file_assignment_id_item_id'))

    op.drop_table('uploaded_file')

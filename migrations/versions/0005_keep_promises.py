"""Keep promises: answers that belong to nobody, minimums by programme, cells of releases.

Revision ID: 0005_keep_promises
Revises: 0004_one_posterior
"""

import sqlalchemy as sa
from alembic import op

revision = '0005_keep_promises'
down_revision = '0004_one_posterior'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('anonymous_response',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('relationship_id', sa.Uuid(), nullable=True),
    sa.Column('function', sa.Enum('procurement', 'it', 'security', 'legal', 'finance', 'operations', 'sales', 'executive sponsor', 'user', name='function', native_enum=False, length=32), nullable=True),
    sa.Column('answers_json', sa.Text(), nullable=False),
    sa.Column('vector', sa.JSON(), nullable=False),
    sa.Column('plan_hash', sa.String(length=64), nullable=False),
    sa.CheckConstraint('function IS NULL OR relationship_id IS NOT NULL', name=op.f('ck_anonymous_response_function_of_a_relationship')),
    sa.ForeignKeyConstraint(['programme_id', 'relationship_id'], ['relationship.programme_id', 'relationship.id'], name=op.f('fk_anonymous_response_programme_id_relationship_id_relationship')),
    sa.ForeignKeyConstraint(['programme_id', 'wave_id'], ['wave.programme_id', 'wave.id'], name=op.f('fk_anonymous_response_programme_id_wave_id_wave')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_anonymous_response_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_anonymous_response'))
    )
    with op.batch_alter_table('anonymous_response', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_anonymous_response_wave_id_relationship_id'), ['wave_id', 'relationship_id'], unique=False)

    op.create_table('release_cell',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('release_id', sa.Uuid(), nullable=False),
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('relationship_id', sa.Uuid(), nullable=True),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('answers_hash', sa.String(length=64), nullable=False),
    sa.Column('is_shown', sa.Boolean(), nullable=False),
    sa.CheckConstraint('people >= 0', name=op.f('ck_release_cell_people_not_negative')),
    sa.ForeignKeyConstraint(['programme_id', 'relationship_id'], ['relationship.programme_id', 'relationship.id'], name=op.f('fk_release_cell_programme_id_relationship_id_relationship')),
    sa.ForeignKeyConstraint(['programme_id', 'release_id'], ['release.programme_id', 'release.id'], name=op.f('fk_release_cell_programme_id_release_id_release')),
    sa.ForeignKeyConstraint(['programme_id', 'wave_id'], ['wave.programme_id', 'wave.id'], name=op.f('fk_release_cell_programme_id_wave_id_wave')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_release_cell_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_release_cell')),
    sa.UniqueConstraint('release_id', 'wave_id', 'relationship_id', 'name', name=op.f('uq_release_cell_release_id_wave_id_relationship_id_name'))
    )
    with op.batch_alter_table('release_cell', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_release_cell_wave_id_relationship_id'), ['wave_id', 'relationship_id'], unique=False)

    with op.batch_alter_table('programme', schema=None) as batch_op:
        batch_op.add_column(sa.Column('minimum_confidential', sa.Integer(), server_default='3', nullable=False))
        batch_op.add_column(sa.Column('minimum_suppliers', sa.Integer(), server_default='3', nullable=False))
        batch_op.add_column(sa.Column('minimum_anonymous', sa.Integer(), server_default='5', nullable=False))
        batch_op.add_column(sa.Column('minimum_comments', sa.Integer(), server_default='5', nullable=False))
        batch_op.create_check_constraint(
            'minimums_keep_the_contract',
            'minimum_confidential >= 3 AND minimum_suppliers >= 3'
            ' AND minimum_anonymous >= 5 AND minimum_comments >= 5',
        )

    with op.batch_alter_table('wave', schema=None) as batch_op:
        batch_op.add_column(sa.Column('minimum_people', sa.Integer(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('minimum_suppliers', sa.Integer(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('minimum_comments', sa.Integer(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('cuts', sa.JSON(), server_default='[]', nullable=False))
        batch_op.add_column(sa.Column('severed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('turnout', sa.JSON(), server_default='{}', nullable=False))
        batch_op.create_check_constraint(
            'severed_is_closed', "severed_at IS NULL OR state = 'closed'"
        )

    if op.get_context().dialect.name == 'postgresql':
        # the planner's samples of a column hold whole answers, and outlive the rows they came from
        for table in ('response', 'anonymous_response'):
            op.execute(f'ALTER TABLE {table} ALTER COLUMN answers_json SET STATISTICS 0')


def downgrade() -> None:
    if op.get_context().dialect.name == 'postgresql':
        op.execute('ALTER TABLE response ALTER COLUMN answers_json SET STATISTICS -1')
    with op.batch_alter_table('wave', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_wave_severed_is_closed'), type_='check')
        batch_op.drop_column('turnout')
        batch_op.drop_column('severed_at')
        batch_op.drop_column('cuts')
        batch_op.drop_column('minimum_comments')
        batch_op.drop_column('minimum_suppliers')
        batch_op.drop_column('minimum_people')

    with op.batch_alter_table('programme', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_programme_minimums_keep_the_contract'), type_='check')
        batch_op.drop_column('minimum_comments')
        batch_op.drop_column('minimum_anonymous')
        batch_op.drop_column('minimum_suppliers')
        batch_op.drop_column('minimum_confidential')

    with op.batch_alter_table('release_cell', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_release_cell_wave_id_relationship_id'))

    op.drop_table('release_cell')
    with op.batch_alter_table('anonymous_response', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_anonymous_response_wave_id_relationship_id'))

    op.drop_table('anonymous_response')

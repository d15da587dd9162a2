"""Keep facts: KPI definitions, and observations that are only ever added.

Revision ID: 0003_keep_facts
Revises: 0002_run_waves_on_the_web
"""

import sqlalchemy as sa
from alembic import op

revision = '0003_keep_facts'
down_revision = '0002_run_waves_on_the_web'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('kpi_batch',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('by', sa.String(length=200), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_kpi_batch_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kpi_batch')),
    sa.UniqueConstraint('programme_id', 'id', name=op.f('uq_kpi_batch_programme_id_id'))
    )
    with op.batch_alter_table('kpi_batch', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_kpi_batch_programme_id_recorded_at'), ['programme_id', 'recorded_at'], unique=False)

    op.create_table('kpi_definition',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('slug', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('family', sa.Enum('adoption and coverage', 'service', 'value', 'relationship health', 'risk and compliance', 'collaboration', 'finance', name='kpifamily', native_enum=False, length=32), nullable=False),
    sa.Column('unit', sa.Enum('share', 'days', 'money', 'count', 'points', 'ratio', name='kpiunit', native_enum=False, length=32), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('direction', sa.Enum('higher', 'lower', name='kpidirection', native_enum=False, length=32), nullable=False),
    sa.Column('target', sa.Double(), nullable=True),
    sa.Column('aggregation', sa.Enum('rate', 'mean', 'sum', 'last', name='kpiaggregation', native_enum=False, length=32), nullable=False),
    sa.Column('window_days', sa.Integer(), nullable=False),
    sa.Column('half_life_days', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=300), nullable=False),
    sa.Column('formula', sa.Text(), nullable=False),
    sa.Column('is_scored', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("unit <> 'money' OR currency <> ''", name=op.f('ck_kpi_definition_money_has_currency')),
    sa.CheckConstraint('window_days > 0 AND half_life_days > 0', name=op.f('ck_kpi_definition_days_positive')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_kpi_definition_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kpi_definition')),
    sa.UniqueConstraint('programme_id', 'id', name=op.f('uq_kpi_definition_programme_id_id')),
    sa.UniqueConstraint('programme_id', 'slug', name=op.f('uq_kpi_definition_programme_id_slug'))
    )
    op.create_table('kpi_observation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('definition_id', sa.Uuid(), nullable=False),
    sa.Column('batch_id', sa.Uuid(), nullable=False),
    sa.Column('relationship_id', sa.Uuid(), nullable=True),
    sa.Column('organisation_id', sa.Uuid(), nullable=True),
    sa.Column('period_from_on', sa.Date(), nullable=False),
    sa.Column('period_until_on', sa.Date(), nullable=False),
    sa.Column('as_of_on', sa.Date(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('value', sa.Double(), nullable=False),
    sa.Column('numerator', sa.Double(), nullable=True),
    sa.Column('denominator', sa.Double(), nullable=True),
    sa.CheckConstraint('(relationship_id IS NULL) <> (organisation_id IS NULL)', name=op.f('ck_kpi_observation_one_subject')),
    sa.CheckConstraint('denominator IS NULL OR (denominator > 0 AND numerator IS NOT NULL)', name=op.f('ck_kpi_observation_numerator_with_denominator')),
    sa.CheckConstraint('period_from_on <= period_until_on', name=op.f('ck_kpi_observation_period_in_order')),
    sa.ForeignKeyConstraint(['programme_id', 'batch_id'], ['kpi_batch.programme_id', 'kpi_batch.id'], name=op.f('fk_kpi_observation_programme_id_batch_id_kpi_batch')),
    sa.ForeignKeyConstraint(['programme_id', 'definition_id'], ['kpi_definition.programme_id', 'kpi_definition.id'], name=op.f('fk_kpi_observation_programme_id_definition_id_kpi_definition')),
    sa.ForeignKeyConstraint(['programme_id', 'organisation_id'], ['organisation.programme_id', 'organisation.id'], name=op.f('fk_kpi_observation_programme_id_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['programme_id', 'relationship_id'], ['relationship.programme_id', 'relationship.id'], name=op.f('fk_kpi_observation_programme_id_relationship_id_relationship')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_kpi_observation_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kpi_observation'))
    )
    with op.batch_alter_table('kpi_observation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_kpi_observation_batch_id'), ['batch_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_kpi_observation_organisation_id_definition_id_period_until_on'), ['organisation_id', 'definition_id', 'period_until_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_kpi_observation_programme_id_definition_id_period_until_on'), ['programme_id', 'definition_id', 'period_until_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_kpi_observation_relationship_id_definition_id_period_until_on'), ['relationship_id', 'definition_id', 'period_until_on'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('kpi_observation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_kpi_observation_relationship_id_definition_id_period_until_on'))
        batch_op.drop_index(batch_op.f('ix_kpi_observation_programme_id_definition_id_period_until_on'))
        batch_op.drop_index(batch_op.f('ix_kpi_observation_organisation_id_definition_id_period_until_on'))
        batch_op.drop_index(batch_op.f('ix_kpi_observation_batch_id'))

    op.drop_table('kpi_observation')
    op.drop_table('kpi_definition')
    with op.batch_alter_table('kpi_batch', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_kpi_batch_programme_id_recorded_at'))

    op.drop_table('kpi_batch')

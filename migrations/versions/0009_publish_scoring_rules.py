"""Publish scoring rules: cut sets of a programme, proposals tried on a run, and what was approved.

Revision ID: 0009_publish_scoring_rules
Revises: 0008_keep_chosen_languages
"""

import sqlalchemy as sa
from alembic import op

revision = '0009_publish_scoring_rules'
down_revision = '0008_keep_chosen_languages'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('cut_set',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=48), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('low', sa.Double(), nullable=False),
    sa.Column('middle', sa.Double(), nullable=False),
    sa.Column('high', sa.Double(), nullable=False),
    sa.Column('origin', sa.String(length=200), nullable=False),
    sa.Column('by', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('low < middle AND middle < high', name=op.f('ck_cut_set_cuts_ascend')),
    sa.CheckConstraint('version >= 1', name=op.f('ck_cut_set_version_from_one')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_cut_set_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cut_set')),
    sa.UniqueConstraint('programme_id', 'id', name=op.f('uq_cut_set_programme_id_id')),
    sa.UniqueConstraint('programme_id', 'name', 'version', name=op.f('uq_cut_set_programme_id_name_version'))
    )
    op.create_table('scoring_proposal',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('run_id', sa.Uuid(), nullable=False),
    sa.Column('questionnaire_id', sa.String(length=100), nullable=False),
    sa.Column('weights', sa.JSON(), nullable=False),
    sa.Column('cut_name', sa.String(length=48), nullable=False),
    sa.Column('cut_version', sa.Integer(), nullable=False),
    sa.Column('cuts', sa.JSON(), nullable=False),
    sa.Column('state', sa.Enum('queued', 'tried', 'approved', name='proposalstate', native_enum=False, length=32), nullable=False),
    sa.Column('result', sa.JSON(), nullable=False),
    sa.Column('by', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tried_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'queued') = (tried_at IS NULL)", name=op.f('ck_scoring_proposal_tried_has_time')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_scoring_proposal_programme_id_programme')),
    sa.ForeignKeyConstraint(['programme_id', 'run_id'], ['score_run.programme_id', 'score_run.id'], name=op.f('fk_scoring_proposal_programme_id_run_id_score_run')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scoring_proposal')),
    sa.UniqueConstraint('programme_id', 'id', name=op.f('uq_scoring_proposal_programme_id_id'))
    )
    op.create_table('scoring_rule',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('questionnaire_id', sa.String(length=100), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Uuid(), nullable=False),
    sa.Column('weights', sa.JSON(), nullable=False),
    sa.Column('cut_name', sa.String(length=48), nullable=False),
    sa.Column('cut_version', sa.Integer(), nullable=False),
    sa.Column('cuts', sa.JSON(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('by', sa.String(length=200), nullable=False),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('number >= 1', name=op.f('ck_scoring_rule_number_from_one')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_scoring_rule_programme_id_programme')),
    sa.ForeignKeyConstraint(['programme_id', 'proposal_id'], ['scoring_proposal.programme_id', 'scoring_proposal.id'], name=op.f('fk_scoring_rule_programme_id_proposal_id_scoring_proposal')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scoring_rule')),
    sa.UniqueConstraint('programme_id', 'questionnaire_id', 'number', name=op.f('uq_scoring_rule_programme_id_questionnaire_id_number')),
    sa.UniqueConstraint('proposal_id', name=op.f('uq_scoring_rule_proposal_id'))
    )


def downgrade() -> None:
    op.drop_table('scoring_rule')
    op.drop_table('scoring_proposal')
    op.drop_table('cut_set')

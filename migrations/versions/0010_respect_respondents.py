"""Respect respondents: corrections, quiet saving, who entered answers, whom else to ask, since last time.

Revision ID: 0010_respect_respondents
Revises: 0009_publish_scoring_rules
"""

import sqlalchemy as sa
from alembic import op

revision = '0010_respect_respondents'
down_revision = '0009_publish_scoring_rules'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reopened_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_check_constraint(op.f('ck_assignment_reopened_was_submitted'), 'reopened_at IS NULL OR submitted_at IS NOT NULL')

    with op.batch_alter_table('response', schema=None) as batch_op:
        batch_op.add_column(sa.Column('mode', sa.Enum('self', 'phone', 'meeting', name='responsemode', native_enum=False, length=32), server_default='self', nullable=False))
        batch_op.add_column(sa.Column('entered_by', sa.String(length=340), nullable=True))
        batch_op.create_check_constraint(op.f('ck_response_entered_has_name'), "(mode = 'self') = (entered_by IS NULL)")

    with op.batch_alter_table('saved_section', schema=None) as batch_op:
        batch_op.add_column(sa.Column('page', sa.String(length=22), server_default='', nullable=False))
        batch_op.add_column(sa.Column('is_passed', sa.Boolean(), server_default=sa.true(), nullable=False))

    with op.batch_alter_table('wave', schema=None) as batch_op:
        batch_op.add_column(sa.Column('since_last', sa.Text(), server_default='', nullable=False))

    op.create_table('referral',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('invitation_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('instead', 'too', name='referralkind', native_enum=False, length=32), nullable=False),
    sa.Column('state', sa.Enum('open', 'asked', 'dismissed', name='referralstate', native_enum=False, length=32), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('email', sa.String(length=320), nullable=False),
    sa.Column('function', sa.Enum('procurement', 'it', 'security', 'legal', 'finance', 'operations', 'sales', 'executive sponsor', 'user', name='function', native_enum=False, length=32), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('said_by', sa.String(length=300), nullable=False),
    sa.Column('said_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.String(length=340), nullable=False),
    sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name=op.f('ck_referral_decided_has_time')),
    sa.CheckConstraint("kind = 'instead' OR email <> ''", name=op.f('ck_referral_too_names_somebody')),
    sa.ForeignKeyConstraint(['programme_id', 'invitation_id'], ['invitation.programme_id', 'invitation.id'], name=op.f('fk_referral_programme_id_invitation_id_invitation')),
    sa.ForeignKeyConstraint(['programme_id', 'wave_id'], ['wave.programme_id', 'wave.id'], name=op.f('fk_referral_programme_id_wave_id_wave')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_referral_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_referral')),
    sa.UniqueConstraint('programme_id', 'id', name=op.f('uq_referral_programme_id_id'))
    )
    with op.batch_alter_table('referral', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_referral_invitation_id'), ['invitation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_referral_wave_id_state'), ['wave_id', 'state'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('referral', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_referral_wave_id_state'))
        batch_op.drop_index(batch_op.f('ix_referral_invitation_id'))

    op.drop_table('referral')
    with op.batch_alter_table('wave', schema=None) as batch_op:
        batch_op.drop_column('since_last')

    with op.batch_alter_table('saved_section', schema=None) as batch_op:
        batch_op.drop_column('is_passed')
        batch_op.drop_column('page')

    with op.batch_alter_table('response', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_response_entered_has_name'), type_='check')
        batch_op.drop_column('entered_by')
        batch_op.drop_column('mode')

    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_assignment_reopened_was_submitted'), type_='check')
        batch_op.drop_column('reopened_at')

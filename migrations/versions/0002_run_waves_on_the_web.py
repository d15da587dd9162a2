"""Run waves on the web: users and roles, imports that can be undone, reminders, mail to users.

Revision ID: 0002_run_waves_on_the_web
Revises: 0001_lay_the_spine
"""

import sqlalchemy as sa
from alembic import op

revision = '0002_run_waves_on_the_web'
down_revision = '0001_lay_the_spine'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('user_account',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('email', sa.String(length=320), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('email = lower(email)', name=op.f('ck_user_account_email_in_lower_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_account')),
    sa.UniqueConstraint('email', name=op.f('uq_user_account_email'))
    )
    op.create_table('import_batch',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('state', sa.Enum('uploaded', 'committed', 'undone', 'discarded', name='importstate', native_enum=False, length=32), nullable=False),
    sa.Column('files', sa.JSON(), nullable=False),
    sa.Column('mapping', sa.JSON(), nullable=False),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('by', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('committed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'undone') = (undone_at IS NOT NULL)", name=op.f('ck_import_batch_undone_has_time')),
    sa.CheckConstraint("(state IN ('committed', 'undone')) = (committed_at IS NOT NULL)", name=op.f('ck_import_batch_committed_has_time')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_import_batch_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_batch')),
    sa.UniqueConstraint('programme_id', 'id', name=op.f('uq_import_batch_programme_id_id'))
    )
    with op.batch_alter_table('import_batch', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_import_batch_programme_id_created_at'), ['programme_id', 'created_at'], unique=False)

    op.create_table('import_mapping',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('sheet', sa.String(length=32), nullable=False),
    sa.Column('columns', sa.JSON(), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_import_mapping_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_mapping')),
    sa.UniqueConstraint('programme_id', 'sheet', name=op.f('uq_import_mapping_programme_id_sheet'))
    )
    op.create_table('login_session',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('browser', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_login_session_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_login_session')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_login_session_token_hash'))
    )
    with op.batch_alter_table('login_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_login_session_user_id'), ['user_id'], unique=False)

    op.create_table('membership',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum('programme owner', 'analyst', 'reviewer', 'executive', 'relationship manager', name='role', native_enum=False, length=32), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_membership_programme_id_programme')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_membership_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_membership')),
    sa.UniqueConstraint('programme_id', 'user_id', name=op.f('uq_membership_programme_id_user_id'))
    )
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_membership_user_id'), ['user_id'], unique=False)

    op.create_table('import_change',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('batch_id', sa.Uuid(), nullable=False),
    sa.Column('sheet', sa.String(length=32), nullable=False),
    sa.Column('row_id', sa.Uuid(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=True),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['programme_id', 'batch_id'], ['import_batch.programme_id', 'import_batch.id'], name=op.f('fk_import_change_programme_id_batch_id_import_batch')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_import_change_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_change'))
    )
    with op.batch_alter_table('import_change', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_import_change_batch_id_sheet'), ['batch_id', 'sheet'], unique=False)

    op.create_table('mail_text',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('template', sa.String(length=32), nullable=False),
    sa.Column('locale', sa.String(length=16), nullable=False),
    sa.Column('subject', sa.String(length=300), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['programme_id', 'wave_id'], ['wave.programme_id', 'wave.id'], name=op.f('fk_mail_text_programme_id_wave_id_wave')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_mail_text_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_text')),
    sa.UniqueConstraint('wave_id', 'template', 'locale', name=op.f('uq_mail_text_wave_id_template_locale'))
    )
    op.create_table('omission',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('contact_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.Enum('opted out', 'address bounced', 'asked lately', name='omissionreason', native_enum=False, length=32), nullable=False),
    sa.Column('details', sa.String(length=300), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['programme_id', 'contact_id'], ['contact.programme_id', 'contact.id'], name=op.f('fk_omission_programme_id_contact_id_contact')),
    sa.ForeignKeyConstraint(['programme_id', 'wave_id'], ['wave.programme_id', 'wave.id'], name=op.f('fk_omission_programme_id_wave_id_wave')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_omission_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_omission')),
    sa.UniqueConstraint('wave_id', 'contact_id', name=op.f('uq_omission_wave_id_contact_id'))
    )
    op.create_table('reminder',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('wave_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('planned', 'requested', 'done', 'cancelled', name='reminderstate', native_enum=False, length=32), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('only', sa.JSON(), nullable=False),
    sa.Column('reminded', sa.Integer(), nullable=False),
    sa.Column('by', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('number >= 1', name=op.f('ck_reminder_number_from_one')),
    sa.ForeignKeyConstraint(['programme_id', 'wave_id'], ['wave.programme_id', 'wave.id'], name=op.f('fk_reminder_programme_id_wave_id_wave')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_reminder_programme_id_programme')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reminder')),
    sa.UniqueConstraint('wave_id', 'number', name=op.f('uq_reminder_wave_id_number'))
    )
    with op.batch_alter_table('reminder', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reminder_state_due_at'), ['state', 'due_at'], unique=False)

    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_assignment_relationship_id'), ['relationship_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_assignment_wave_id_relationship_id'), ['wave_id', 'relationship_id'], unique=False)

    with op.batch_alter_table('contact', schema=None) as batch_op:
        batch_op.add_column(sa.Column('bounced_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('bounce', sa.String(length=300), nullable=False, server_default=''))
        batch_op.create_index(batch_op.f('ix_contact_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_contact_programme_id_name'), ['programme_id', 'name'], unique=False)

    with op.batch_alter_table('invitation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_invitation_contact_id_created_at'), ['contact_id', 'created_at'], unique=False)

    with op.batch_alter_table('organisation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_organisation_programme_id_name'), ['programme_id', 'name'], unique=False)

    with op.batch_alter_table('outgoing_mail', schema=None) as batch_op:
        batch_op.add_column(sa.Column('wave_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('user_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('locale', sa.String(length=16), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('due_at', sa.DateTime(timezone=True), nullable=True))
    op.execute('UPDATE outgoing_mail SET due_at = created_at, wave_id ='
               ' (SELECT wave_id FROM invitation WHERE invitation.id = outgoing_mail.invitation_id)')
    with op.batch_alter_table('outgoing_mail', schema=None) as batch_op:
        batch_op.alter_column('due_at', existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.alter_column('programme_id',
               existing_type=sa.Uuid(),
               nullable=True)
        batch_op.alter_column('invitation_id',
               existing_type=sa.Uuid(),
               nullable=True)
        batch_op.create_index(batch_op.f('ix_outgoing_mail_user_id'), ['user_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_outgoing_mail_wave_id_state_due_at'), ['wave_id', 'state', 'due_at'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_outgoing_mail_programme_id_wave_id_wave'), 'wave', ['programme_id', 'wave_id'], ['programme_id', 'id'])
        batch_op.create_foreign_key(batch_op.f('fk_outgoing_mail_user_id_user_account'), 'user_account', ['user_id'], ['id'])
        batch_op.create_check_constraint(batch_op.f('ck_outgoing_mail_one_reader'), '(invitation_id IS NULL) <> (user_id IS NULL)')
        batch_op.create_check_constraint(batch_op.f('ck_outgoing_mail_invitation_has_wave'), 'invitation_id IS NULL OR (programme_id IS NOT NULL AND wave_id IS NOT NULL)')

    with op.batch_alter_table('programme', schema=None) as batch_op:
        batch_op.add_column(sa.Column('guard_days', sa.Integer(), nullable=False, server_default='90'))
        batch_op.add_column(sa.Column('expected_functions', sa.JSON(), nullable=False, server_default='{}'))
        batch_op.create_check_constraint(batch_op.f('ck_programme_guard_not_negative'), 'guard_days >= 0')

    with op.batch_alter_table('relationship', schema=None) as batch_op:
        batch_op.add_column(sa.Column('manager_id', sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f('ix_relationship_programme_id_manager_id'), ['programme_id', 'manager_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_relationship_supplier_id'), ['supplier_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_relationship_programme_id_manager_id_membership'), 'membership', ['programme_id', 'manager_id'], ['programme_id', 'user_id'])

    with op.batch_alter_table('stakeholder', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stakeholder_contact_id'), ['contact_id'], unique=False)

    with op.batch_alter_table('wave', schema=None) as batch_op:
        batch_op.add_column(sa.Column('opens_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('guard_days', sa.Integer(), nullable=False, server_default='90'))
        batch_op.create_check_constraint(batch_op.f('ck_wave_schedule_has_time'), "state <> 'scheduled' OR opens_at IS NOT NULL")
        batch_op.create_check_constraint(batch_op.f('ck_wave_guard_not_negative'), 'guard_days >= 0')



def downgrade() -> None:
    with op.batch_alter_table('wave', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_wave_schedule_has_time'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_wave_guard_not_negative'), type_='check')
        batch_op.drop_column('guard_days')
        batch_op.drop_column('opens_at')

    with op.batch_alter_table('stakeholder', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_stakeholder_contact_id'))

    with op.batch_alter_table('relationship', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_relationship_programme_id_manager_id_membership'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_relationship_supplier_id'))
        batch_op.drop_index(batch_op.f('ix_relationship_programme_id_manager_id'))
        batch_op.drop_column('manager_id')

    with op.batch_alter_table('programme', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_programme_guard_not_negative'), type_='check')
        batch_op.drop_column('expected_functions')
        batch_op.drop_column('guard_days')

    # mail to users and states that the version before does not know
    op.execute('DELETE FROM outgoing_mail WHERE invitation_id IS NULL')
    op.execute("UPDATE outgoing_mail SET state = 'failed' WHERE state IN ('bounced', 'dropped')")
    with op.batch_alter_table('outgoing_mail', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_outgoing_mail_one_reader'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_outgoing_mail_invitation_has_wave'), type_='check')
        batch_op.drop_constraint(batch_op.f('fk_outgoing_mail_user_id_user_account'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_outgoing_mail_programme_id_wave_id_wave'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_outgoing_mail_wave_id_state_due_at'))
        batch_op.drop_index(batch_op.f('ix_outgoing_mail_user_id'))
        batch_op.alter_column('invitation_id',
               existing_type=sa.Uuid(),
               nullable=False)
        batch_op.alter_column('programme_id',
               existing_type=sa.Uuid(),
               nullable=False)
        batch_op.drop_column('due_at')
        batch_op.drop_column('locale')
        batch_op.drop_column('user_id')
        batch_op.drop_column('wave_id')

    with op.batch_alter_table('organisation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_organisation_programme_id_name'))

    with op.batch_alter_table('invitation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_invitation_contact_id_created_at'))

    with op.batch_alter_table('contact', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_contact_programme_id_name'))
        batch_op.drop_index(batch_op.f('ix_contact_organisation_id'))
        batch_op.drop_column('bounce')
        batch_op.drop_column('bounced_at')

    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_assignment_wave_id_relationship_id'))
        batch_op.drop_index(batch_op.f('ix_assignment_relationship_id'))

    with op.batch_alter_table('reminder', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reminder_state_due_at'))

    op.drop_table('reminder')
    op.drop_table('omission')
    op.drop_table('mail_text')
    with op.batch_alter_table('import_change', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_import_change_batch_id_sheet'))

    op.drop_table('import_change')
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_membership_user_id'))

    op.drop_table('membership')
    with op.batch_alter_table('login_session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_login_session_user_id'))

    op.drop_table('login_session')
    op.drop_table('import_mapping')
    with op.batch_alter_table('import_batch', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_import_batch_programme_id_created_at'))

    op.drop_table('import_batch')
    op.drop_table('user_account')
